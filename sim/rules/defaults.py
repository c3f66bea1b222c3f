"""Ratings that the platform leaves for customers who say nothing.

Taobao: good, if the seller has rated its customer good (portals quoting the rule); JD: good, always
(sellers' guides); eBay UK, since April 2025: after a tracked delivery on time without trouble.
"""

from sim.jit import rule

NO_DEFAULTS, ALWAYS, IF_SELLER_RATED, CLEAN_DELIVERY = range(4)
"""The kinds, in the order of ``DefaultsWhen``."""


@rule
def leaves_default(when, rates, troubled, tracked, on_time, fine):
    """Does the platform leave a good rating for an order that has none when its day has come?

    ``rates`` whether the seller rates its customers, ``troubled`` whether there has been a
    complaint, claim or return; ``fine`` whether nothing was wrong with the item.
    """
    if when == NO_DEFAULTS or troubled:
        return False
    if when == IF_SELLER_RATED:
        return rates
    if when == CLEAN_DELIVERY:
        return tracked and on_time and fine
    return True

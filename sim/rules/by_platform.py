"""Orders that the platform stores, packs and ships: what goes wrong on the way is its own.

Feedback wholly about the delivery of such an order is struck through: its text stays, its stars
stop counting (Amazon seller help 20231). The chance that it happens is assumed.
"""

from sim.jit import rule

FINE_FROM = 4
"""Felt stars from which somebody has nothing to object to."""


@rule
def about_delivery(negative, service_stars, product_stars, arrived, late, broken):
    """Is feedback about nothing but delivery? Unhappy with it, and not with what arrived.

    ``broken``: damaged or a wrong item. Stars are felt ones; nothing that has not arrived can
    displease.
    """
    fine = not arrived or product_stars >= FINE_FROM
    return negative and service_stars < FINE_FROM and fine and (late or broken)


@rule
def platform_pays(by_platform, late, broken):
    """Does the platform pay a granted claim, which is then no defect of the seller?"""
    return by_platform and (late or broken)

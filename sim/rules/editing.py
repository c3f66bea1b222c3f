"""Changing and deleting: only the author, only within the window (rule 6 in README).

Platforms differ in what else they let pass. Taobao: neutral and bad ratings, once, and only to good
(seller portals quoting its rule); JD: no change (sellers' guides); eBay: after the seller has asked
(help, revision requests).
"""

from sim.jit import rule

ALLOWED, NOT_THE_AUTHOR, GONE, WINDOW_CLOSED, NOT_OFFERED = range(5)
NOT_SHOWN, STAYS, NOT_TO_THAT, CHANGED_ENOUGH, NOT_ASKED = range(5, 10)
REFUSALS = (
    "allowed",
    "only the author may change or delete a post",
    "the post is deleted already",
    "the window to change or delete has closed",
    "this platform does not offer that",
    "the post is not shown yet: it may be deleted, not changed",
    "this platform lets nobody change or delete a post with so many stars",
    "this platform lets nobody change a post to so few stars",
    "the post has been changed as often as this platform lets it be",
    "this platform lets authors change a post only after the seller has written about it",
)


@rule
def may_revise(user, author, deleted, day, posted, window, offered):
    """May this user change (or delete) this post today? Returns ALLOWED or why not.

    ``window`` in days after posting, both ends included; ``offered`` whether the platform lets
    authors do this kind of revision at all.
    """
    if user != author:
        return NOT_THE_AUTHOR
    if deleted:
        return GONE
    if not offered:
        return NOT_OFFERED
    if day > posted + window:
        return WINDOW_CLOSED
    return ALLOWED


@rule
def may_become(stars, wanted, hidden, asked, changes, up_to, to_from, most, after_asking):
    """May a post with these stars become one with ``wanted`` (0 = deleted)? ALLOWED or why not.

    ``changes`` so far, deletions among them, ``most`` of them; only posts with at most ``up_to``
    stars, and only to ``to_from`` or more. ``asked`` whether a message of the seller about it has
    reached the author, which a change needs where ``after_asking``.
    """
    changing = wanted > 0
    if hidden and changing:
        return NOT_SHOWN
    if stars > up_to:
        return STAYS
    if changing and wanted < to_from:
        return NOT_TO_THAT
    if changes >= most:
        return CHANGED_ENOUGH
    if changing and after_asking and not asked:
        return NOT_ASKED
    return ALLOWED

"""Changing and deleting: only the author, only within the window (rule 6 in README)."""

from sim.jit import rule

ALLOWED, NOT_THE_AUTHOR, GONE, WINDOW_CLOSED, NOT_OFFERED = range(5)
REFUSALS = (
    "allowed",
    "only the author may change or delete a post",
    "the post is deleted already",
    "the window to change or delete has closed",
    "this platform does not offer that",
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

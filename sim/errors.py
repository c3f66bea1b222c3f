"""What the market says no to."""


class Refused(Exception):
    """The platform's rules do not allow a post or a revision; the message says why."""

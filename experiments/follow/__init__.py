"""Diaries of customers, listings and orders, beside their twins in another arm.

``lives`` lives arms again and finds what concerns somebody; ``diary`` tells it event by event,
``of_listing`` by the week; ``twins`` puts two arms side by side; ``page`` shows them, ``whom``
suggests whom to follow.
"""

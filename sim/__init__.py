"""The market: users, sellers, listings, orders, posts, and the day they live through.

``sim`` knows nothing of files, screens or experiments. Start reading at ``sim/day.py``.
"""

from sim import cache

MODEL_VERSION = "0.3.0"
"""Changes when the same configuration and seed give other results."""

cache.prepare()

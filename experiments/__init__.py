"""Questions put to the market; one line leads from a YAML file to a market::

from experiments import market
m = market("configs/quickstart.yaml")
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.model import Marketplace


def market(path: str | Path, overrides: Iterable[str] = ()) -> Marketplace:
    """The market of a YAML file, built and ready to run; ``overrides`` as in ``days=30``.

    Raises ConfigError, which lists every mistake in the file.
    """
    from experiments.config import load_market
    from sim.model import Marketplace

    return Marketplace(load_market(path, overrides))

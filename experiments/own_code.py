"""Strategies in Python: which code an experiment would run, whether it may, and its classes.

Nothing here imports code unless an experiment is run: files are checked and listed without.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from experiments.config import Loaded
from experiments.mistakes import UserError
from sim.config.market import Market

GROUP = "marketplace_reputation.strategies"
"""Entry points of this group name classes that run without being allowed one by one."""


def code_of(market: Market) -> dict[str, str]:
    """``package.module:Class`` by name of strategy, of those that sellers follow."""
    return {name: s.code for name, s in market.strategies.items() if s.code is not None}


def refuse_unless_allowed(loaded: Loaded, allowed: bool) -> Path | None:
    """The folder whose modules an experiment's strategies may name; None where there is no code.

    Raises UserError for code that is neither allowed nor installed as an entry point.
    """
    specs = {spec for arm in loaded.arms for spec in code_of(arm.market).values()}
    return refuse_code_unless_allowed(specs, loaded.path, allowed)


def refuse_code_unless_allowed(specs: Collection[str], file: Path, allowed: bool) -> Path | None:
    """As ``refuse_unless_allowed``, of the strategies in Python that ``file`` names."""
    if not specs:
        return None
    installed = {point.value.replace(" ", "") for point in entry_points(group=GROUP)}
    for spec in sorted(set(specs) - installed):
        if not allowed:
            raise UserError(
                f"found strategy {spec}, which is code of its own; allowed with --allow-code, if "
                f"you trust it, or when it is installed as an entry point of {GROUP}"
            )
    return file.resolve().parent


def source_of(spec: str, folder: Path) -> str:
    """The text of the module beside a file that a strategy in Python stands in; empty elsewhere.

    It is read, not imported; what is installed is known by its version instead.
    """
    file = folder / (spec.partition(":")[0].replace(".", "/") + ".py")
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def classes(market: Market, folder: Path | None) -> dict[str, Callable[[], Any]]:
    """The classes of a market's strategies in Python, imported; by name of strategy.

    Looked for among what is installed, then beside the experiment's file and in the current
    directory; of two modules of one name a process knows the first.
    Raises UserError where there is no such class or it has no method ``act``.
    """
    return {name: _imported(spec, folder) for name, spec in code_of(market).items()}


def _imported(spec: str, folder: Path | None) -> Callable[[], Any]:
    if folder is None:
        raise UserError(f"found strategy {spec}, which is code of its own and not allowed to run")
    for place in (str(folder), str(Path.cwd())):
        if place not in sys.path:
            sys.path.append(place)
    module, _, name = spec.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}"
        raise UserError(f"strategy {spec} cannot be imported: {problem}") from error
    if not callable(getattr(found, "act", None)):
        raise UserError(f"strategy {spec} has no method `act`; allowed: a class with one")
    maker: Callable[[], Any] = found
    return maker

"""``manifest.json``: what was run, by what, and what came out; nothing of the machine."""

from __future__ import annotations

import json
import platform
import re
import shlex
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from experiments.allowed import slot
from experiments.arms import Arm
from experiments.config import Loaded, warning_text
from experiments.intervention_words import intervention_entry
from experiments.interventions import SECTION as INTERVENTIONS
from experiments.interventions import Fate
from experiments.mistakes import Loc, dotted
from experiments.platform_values import assumed_of
from experiments.platforms import ROOT
from experiments.size import n_sellers_and_listings
from experiments.strategies import SECTION
from experiments.strategy_words import strategy_in_words
from experiments.verdicts import breaches
from experiments.workers import Failure
from sim import MODEL_VERSION, cache
from sim.config.changes import Change
from sim.config.fields import Frozen
from sim.config.market import Market
from sim.config.people import OLIST

LIBRARIES = ("numpy", "numba", "mesa", "scipy", "duckdb")


def describe(
    loaded: Loaded,
    *,
    replicates: list[int],
    failures: list[Failure],
    states: dict[int, str],
    fates: Mapping[int, list[list[Fate]]],
    recorded_as: str,
    placebos: dict[str, bool],
    content_hash: str,
    rows: dict[str, int],
    times: dict[str, Any],
) -> dict[str, Any]:
    """The manifest of an experiment that was run, ready to be written."""
    experiment, market = loaded.experiment, loaded.market
    odr = market.platform.odr
    return {
        "name": experiment.name,
        "about": experiment.about,
        "question": experiment.question,
        "focal": market.focal_name(),
        "baseline": loaded.baseline,
        "arms": [
            _arm(loaded, arm) | intervention_entry(arm.market, replicates, fates.get(i, []))
            for i, arm in enumerate(loaded.arms)
        ],
        "placebo": placebos,
        "replicates": replicates,
        "failed": [_failed(loaded, failure) for failure in failures],
        "branched_from": states,
        "vary": experiment.vary,
        "seed": market.seed,
        "days": market.days,
        "warm_up": market.warm_up,
        "run_out": market.run_out_days(),
        "record": experiment.record,
        "recorded_as": recorded_as,
        "platform": market.platform.name,
        "limit": odr.limit,
        "window_days": odr.window_days,
        "lag_days": odr.lag_days,
        "n_rivals": n_sellers_and_listings(market)[0] - 1,
        "n_listings": _n_listings(market),
        "command": command(loaded),
        "warnings": [warning_text(warning) for warning in loaded.warnings],
        "model_version": MODEL_VERSION,
        "code_fingerprint": cache.fingerprint(),
        "commit": _commit(),
        "versions": _versions(),
        "content_hash": content_hash,
        "rows": rows,
        "times": times,
        "from_real_statistics": from_real_statistics(market),
        "config_as_given": loaded.text,
        "overrides": [without_folders(override) for override in loaded.overrides],
        "config_resolved": market.model_dump(mode="json"),
    }


def write(manifest: dict[str, Any], folder: Path) -> None:
    """Write ``manifest.json`` into a folder."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def command(loaded: Loaded, *more: str) -> str:
    """The command that runs an experiment again, as typed beside ``run.py``."""
    path = loaded.path.resolve()
    near = [path.relative_to(root) for root in (Path.cwd(), ROOT) if path.is_relative_to(root)]
    words = ["python", "run.py", "run", (near or [Path(path.name)])[0].as_posix()]
    for override in loaded.overrides:
        words += ["--set", without_folders(override)]
    return shlex.join([*words, *more])


def without_folders(text: str) -> str:
    """A text in which absolute paths are names of files: folders are the machine's business."""
    return re.sub(r"(?<![\w.])/(?:[^\s:'\"=,]+/)*([^\s:'\"=,/]+)", r"\1", text)


def _arm(loaded: Loaded, arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.name,
        "about": arm.about,
        "placebo": arm.placebo,
        "rebuilt": arm.rebuilt,
        "platform": arm.market.platform.name,
        "platform_about": arm.market.platform.about,
        "assumed": assumed_of(arm.market.platform.name),
        "limit": arm.market.platform.odr.limit,
        "window_days": arm.market.platform.odr.window_days,
        "lag_days": arm.market.platform.odr.lag_days,
        "n_rivals": n_sellers_and_listings(arm.market)[0] - 1,
        "breaches": breaches(arm.market),
        "changes": [_change(loaded.market, c) for c in arm.changes if c.loc[0] != INTERVENTIONS],
        "resolved": differing(arm.market, loaded.market),
        "resolved_in_warm_up": differing(arm.world(loaded.market), loaded.market),
        "strategies": {
            name: {**strategy.model_dump(mode="json"), "in_words": strategy_in_words(strategy)}
            for name, strategy in arm.market.strategies.items()
        },
    }


def differing(market: Market, base: Market) -> dict[str, Any]:
    """Sections of a resolved market that are not those of the base, as in ``config_resolved``."""
    here, there = market.model_dump(mode="json"), base.model_dump(mode="json")
    return {name: value for name, value in here.items() if value != there[name]}


def _change(market: Market, change: Change) -> dict[str, Any]:
    """One change with what its field says about itself."""
    here = slot(change.loc)
    info = here.info.json_schema_extra if here and here.info else None
    extra = info if isinstance(info, dict) else {}
    limits = here.limits if here else {}
    return {
        "path": path_in_words(market, change.loc),
        "value": _plain(change.new),
        "base": _plain(change.old),
        "unit": extra.get("unit", ""),
        "status": extra.get("status", ""),
        "source": extra.get("source", ""),
        "low": limits.get("ge"),
        "high": limits.get("le"),
    }


def path_in_words(market: Market, loc: Loc) -> str:
    """``sellers.Northwind.on_time`` in place of ``sellers.0.on_time``."""
    if loc[0] == SECTION:
        return dotted(loc)
    steps, here = [], market
    for step in loc:
        here = here[step] if isinstance(step, int) else getattr(here, step)  # type: ignore[index]
        name = getattr(here, "name", None) if isinstance(step, int) else None
        steps.append(str(name or step))
    return ".".join(steps)


def _plain(value: Any) -> Any:
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _failed(loaded: Loaded, failure: Failure) -> dict[str, Any]:
    replicate = failure.task.replicate
    return {
        "replicate": replicate,
        "error": without_folders(failure.error),
        "again": command(loaded, "--only-replicate", str(replicate)),
    }


def _n_listings(market: Market) -> int:
    focal = [s for s in market.sellers if s.name == market.focal_name()]
    return len(focal[0].listings) if focal else market.rivals.listings_each


def from_real_statistics(market: Frozen) -> dict[str, Any]:
    """Parameters that rest on statistics of real orders, unless replaced, with their source."""
    found: dict[str, Any] = {}

    def visit(model: Frozen, prefix: str) -> None:
        for name, info in type(model).model_fields.items():
            value = getattr(model, name)
            if isinstance(value, Frozen):
                visit(value, f"{prefix}{name}.")
            extra = info.json_schema_extra
            source = str(extra.get("source", "")) if isinstance(extra, dict) else ""
            if OLIST in source and value == info.default:
                found[prefix + name] = {"value": value, "source": source}

    visit(market, "")
    return found


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return versions


def _commit() -> str | None:
    """The commit of the code, marked when files differ from it; None outside a repository."""
    if not (ROOT / ".git").exists():
        return None

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None

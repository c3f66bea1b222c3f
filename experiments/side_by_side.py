"""``platforms:`` of an experiment file: every arm on every one of several rule sets.

Each arm becomes one arm per platform, ``PLATFORM, ARM``, and is compared with the baseline on the
same platform. What the report sets side by side is made here and in ``side_by_side_table``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.arms import ONLY_ARM
from experiments.mistakes import Mistake, shown
from experiments.yaml_source import Source

SECTION = "platforms"


def on_platform(platform: str, arm: str) -> str:
    """Name of an arm on one of the platforms."""
    return f"{platform}, {arm}"


def spread(source: Source) -> None:
    """Put every arm on every platform; adds what is wrong to the mistakes of ``source``."""
    platforms, arms = source.data.get(SECTION), source.data.get("arms") or {ONLY_ARM: {}}
    if not _names(platforms) or not isinstance(arms, dict):
        return  # said by the declarations
    if len(set(platforms)) < len(platforms):
        said = f"found {shown(list(platforms))}; allowed: each platform once"
        source.mistakes.append(Mistake(source.where((SECTION,)), (SECTION,), said))
        return
    spread_arms: dict[str, Any] = {}
    for i, platform in enumerate(platforms):
        for name, content in arms.items():
            if isinstance(content, dict) and "platform" in content:
                _refuse_own(source, name)
                return
            here = on_platform(platform, name)
            old, new = ("arms", name), ("arms", here)
            part = source.part(old, content)
            spread_arms[here] = {"platform": platform, **(content or {})}
            source.keys[new] = source.where(old, key=True)
            source.values[new] = source.where(old)
            source.graft(new, part)
            source.values[*new, "platform"] = source.where((SECTION, i))
            source.keys[*new, "platform"] = source.where((SECTION, i))
    baseline = source.data.get("baseline")
    source.data = {**source.data, "arms": spread_arms}
    if isinstance(baseline, str) and baseline in arms:
        source.data["baseline"] = on_platform(platforms[0], baseline)


def _names(stated: Any) -> bool:
    names = isinstance(stated, tuple) and len(stated) > 0
    return names and all(isinstance(name, str) for name in stated)


def _refuse_own(source: Source, arm: str) -> None:
    where = source.where(("arms", arm, "platform"), key=True)
    said = f"found a platform of its own; allowed: none, as every arm lives on all {SECTION}"
    source.mistakes.append(Mistake(where, ("arms", arm, "platform"), said))


def sides(platforms: tuple[str, ...], baseline: str, arms: tuple[str, ...]) -> dict[str, Any]:
    """The entry of the manifest: which platforms, which arms on each, and against which.

    ``arms`` are the names of all arms as spread, ``baseline`` is one of them.
    """
    prefix = on_platform(platforms[0], "")
    labels = [name.removeprefix(prefix) for name in arms if name.startswith(prefix)]
    return {
        SECTION: list(platforms),
        "arms": labels[: len(arms) // len(platforms)],
        "baseline": baseline.removeprefix(prefix),
    }


def each_side(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(platform, its baseline, its other arms) of a manifest's entry, as names of arms."""
    for platform in entry[SECTION]:
        others = [arm for arm in entry["arms"] if arm != entry["baseline"]]
        yield (
            platform,
            on_platform(platform, entry["baseline"]),
            [on_platform(platform, arm) for arm in others],
        )

"""Rule sets of platforms by name: ``configs/platforms/*.yaml``, or a file of one's own."""

from __future__ import annotations

from pathlib import Path

from experiments.mistakes import ConfigError, Mistake, shown
from experiments.yaml_source import Source, parse, read_text
from sim.config.checks import suggestion

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = ROOT / "configs" / "platforms"


def shipped() -> list[str]:
    """Names of the shipped platforms."""
    return sorted(found.stem for found in PLATFORMS.glob("*.yaml"))


def read_source(file: Path) -> Source:
    """The values of a YAML file, whose places name it as seen from the project.

    Raises ConfigError when it cannot be read.
    """
    label = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
    return parse(read_text(file), label)


def name_platform(source: Source, folder: Path) -> None:
    """Replace the name of a platform, if one is stated, by the rule set it names."""
    name = source.data.get("platform")
    if not isinstance(name, str):
        return
    where = source.where(("platform",))
    try:
        rules = _platform(name, folder)
    except ConfigError as error:
        source.mistakes += [
            Mistake(m.where or where, ("platform",), m.text) for m in error.mistakes
        ]
        source.data = {**source.data, "platform": {"name": "unknown"}}
        return
    source.data = {**source.data, "platform": rules.data}
    source.graft(("platform",), rules)


def _platform(name: str, folder: Path) -> Source:
    if name.endswith((".yaml", ".yml")):
        file = folder / name
    else:
        if name not in shipped():
            said = f"found {shown(name)}, which is no shipped platform; allowed: "
            said += f"{', '.join(shipped())}, a path ending in .yaml, or a mapping"
            raise ConfigError([Mistake("", (), said + suggestion(name, shipped()))])
        file = PLATFORMS / f"{name}.yaml"
    rules = read_source(file)
    if not isinstance(rules.data, dict):
        said = f"found {shown(rules.data)}; allowed: a mapping that begins with `name:`"
        raise ConfigError([Mistake(rules.where(()), (), said)])
    return rules

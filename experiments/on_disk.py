"""What every reader of a result begins with: its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from experiments.mistakes import UserError

NEEDED = ("arms", "baseline", "focal", "name", "rows", "recorded_as", "replicates", "warm_up")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result. Raises UserError when there is none or it is damaged."""
    file = folder / "manifest.json"
    if not file.is_file():
        raise UserError(f"{folder}: no result: it holds no manifest.json")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict):
            raise ValueError("it holds no mapping")
    except (ValueError, OSError) as error:
        raise UserError(f"{file}: damaged: {error}") from error
    missing = [key for key in NEEDED if key not in manifest]
    if missing:
        raise UserError(f"{file}: not of an experiment; it lacks {', '.join(missing)}")
    return manifest

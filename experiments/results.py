"""What a run leaves on disk: tables as Parquet and a manifest that says where they came from."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from os import getpid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.config import ROOT, Loaded
from experiments.mistakes import UserError
from sim import MODEL_VERSION, cache
from sim.config.fields import Frozen
from sim.config.people import OLIST

if TYPE_CHECKING:
    import numpy as np

Tables = Mapping[str, Mapping[str, "np.ndarray"]]
RESULTS = Path("results")
LIBRARIES = ("numpy", "numba", "mesa", "scipy", "duckdb")


class Target:
    """A results directory in the making: ``partial`` until it is whole, then ``path``."""

    def __init__(self, out: Path | None, name: str) -> None:
        self.stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.").lower() or "market"
        self.numbered = out is None
        self.path = _free(self.stem) if out is None else out
        self.partial = self.path.with_name(f"{self.path.name}.partial-{getpid()}")

    def finish(self) -> None:
        """Give the directory its name. Raises UserError when somebody else took it meanwhile."""
        while True:
            try:
                if self.path.is_dir():
                    self.path.rmdir()
                self.partial.rename(self.path)
                return
            except OSError as error:
                if not self.numbered:
                    raise UserError(f"{self.path}: {error.strerror}") from error
                self.path = _free(self.stem)


def _free(stem: str) -> Path:
    """``results/stem-n`` with the first n that is not taken."""
    n = 1
    while (RESULTS / f"{stem}-{n}").exists():
        n += 1
    return RESULTS / f"{stem}-{n}"


@contextmanager
def results_directory(out: Path | None, name: str) -> Iterator[Target]:
    """A directory to write into that takes its name only when the block ends well.

    Whatever ends the block otherwise, Ctrl-C included, removes it. Raises UserError when ``out``
    holds something already or cannot be made.
    """
    target = Target(out, name)
    try:
        if target.path.exists() and not (target.path.is_dir() and not any(target.path.iterdir())):
            raise UserError(f"{target.path}: exists already; allowed: a new or empty directory")
        target.partial.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{target.path}: cannot be written: {error.strerror}") from error
    try:
        yield target
        target.finish()
    except BaseException:
        shutil.rmtree(target.partial, ignore_errors=True)
        raise


def write_tables(tables: Tables, folder: Path) -> None:
    """Write each table as ``name.parquet``; the folder must exist."""
    import duckdb
    import pandas as pd

    with duckdb.connect() as connection:
        for name, columns in tables.items():
            file = str(folder / f"{name}.parquet").replace("'", "''")
            connection.register("frame", pd.DataFrame(dict(columns)))
            connection.execute(
                f"COPY (SELECT * FROM frame) TO '{file}' (FORMAT parquet, COMPRESSION zstd)"
            )
            connection.unregister("frame")


def content_hash(tables: Tables) -> str:
    """Hash (hex) of what the tables say: equal for equal tables, whatever the files look like."""
    digest = hashlib.sha256()
    for name, columns in sorted(tables.items()):
        for column, values in columns.items():
            digest.update(f"{name}.{column}:{len(values)}\n".encode())
            if values.dtype.kind in "OUT":
                digest.update("\0".join(map(str, values)).encode())
            else:
                digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def write_manifest(folder: Path, loaded: Loaded, tables: Tables, times: dict[str, Any]) -> None:
    """Write ``manifest.json``: what was run, by what, and what came out; nothing of the machine."""
    market = loaded.market
    manifest = {
        "name": market.name,
        "seed": market.seed,
        "days": market.days,
        "run_out": market.run_out_days(),
        "model_version": MODEL_VERSION,
        "code_fingerprint": cache.fingerprint(),
        "commit": _commit(),
        "versions": _versions(),
        "content_hash": content_hash(tables),
        "rows": {name: len(next(iter(columns.values()))) for name, columns in tables.items()},
        "times": times,
        "warnings": [f"{'.'.join(map(str, w.loc))}: {w.text}" for w in loaded.warnings],
        "from_real_statistics": from_real_statistics(market),
        "config_as_given": loaded.text,
        "overrides": list(loaded.overrides),
        "config_resolved": market.model_dump(mode="json"),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


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

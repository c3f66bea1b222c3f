"""Where compiled code is kept, so that an edit to any rule is seen at the next run.

Numba's disk cache looks only at the file of the cached function: an edit in a rule that a phase
calls would go unseen. The cache folder is therefore named by a hash of all of ``sim/``, the
versions and the processor. It must be set before anything is compiled.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

SOURCES = Path(__file__).parent
_WARM = "compiled"


@cache
def fingerprint() -> str:
    """Hash of the simulator's sources (16 hex digits); stands in every result's manifest."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(SOURCES.rglob("*.py")):
        digest.update(path.relative_to(SOURCES).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _processor() -> str:
    """Name of the processor, as compiled code may not run on another."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line for line in lines if line.startswith("model name")), "")
    except OSError:
        return platform.processor()


@cache
def folder() -> Path:
    """The cache folder of this code on this machine; a temporary one if home is read-only."""
    # Numba keeps code by the place of its source, so another copy of the same code has none here.
    parts = [fingerprint(), str(SOURCES.resolve())]
    parts += [sys.version, version("numba"), version("numpy"), _processor()]
    parts += [f"{key}={os.environ[key]}" for key in sorted(os.environ) if _changes_code(key)]
    name = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    base = os.environ.get("MARKETPLACE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    home = Path(base) if base else Path.home() / ".cache"
    for root in (home / "marketplace-reputation", Path(tempfile.gettempdir()) / _private_name()):
        try:
            (root / name).mkdir(parents=True, exist_ok=True)
            (root / name / ".writable").touch()
            return root / name
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="marketplace-reputation-"))


def _changes_code(key: str) -> bool:
    return key.startswith("NUMBA_") and key not in ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")


def _private_name() -> str:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return f"marketplace-reputation-{user}"


def prepare() -> None:
    """Point Numba at :func:`folder`; called when ``sim`` is imported."""
    os.environ["NUMBA_CACHE_DIR"] = str(folder())
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(folder())


def is_warm() -> bool:
    """Has this code been compiled on this machine before?"""
    return (folder() / _WARM).exists()


def mark_warm() -> None:
    """Note that everything a run needs has been compiled."""
    (folder() / _WARM).touch()

"""A copy of the market that runs without being compiled, so that its source can be patched.

Compiling it takes minutes, living a small market as plain Python seconds. Compiled code reads
``w.orders.buyer[row]`` and ``w.now.day`` off a pointer; in the copy, tables and records answer to
the same names. Small integers that hold marks do not wrap around in plain Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

_RECORD = '''
class _Record:
    """The one row of a record, read and written as compiled code does."""

    def __init__(self, array):
        object.__setattr__(self, "array", array)

    def __getattr__(self, name):
        return self.array[name][0] if name in self.array.dtype.names else getattr(self.array, name)

    def __setattr__(self, name, value):
        self.array[name][0] = value

    def __getitem__(self, key):
        return self.array[key]

    def __setitem__(self, key, value):
        self.array[key] = value


def _readable(name, array):
    if name in RECORDS:
        return _Record(array)
    return array.view(np.recarray) if array.dtype.names else array


def _copied('''

PLAIN = (
    ("world.py", "self.__dict__[name] = array", "self.__dict__[name] = _readable(name, array)\n"
     "            self.__dict__.setdefault('_plain', {})[name] = array"),
    ("world.py", "return {name: self.__dict__[name] for", "return {name: self._plain[name] for"),
    ("world.py", "\ndef _copied(", _RECORD),
    ("phases/fulfil.py", "&= ~QUEUED", "&= 255 - QUEUED"),
    ("phases/common.py", "before & ~reason", "before & (255 - reason)"),
)  # fmt: skip
"""What plain Python needs: file, text, what stands in its place."""

_DRIVER = """
import sys, warnings
import numpy as np
np.seterr(all="ignore")
warnings.simplefilter("ignore")
import sim
assert sim.__file__.startswith(sys.argv[1]), sim.__file__
from pathlib import Path
import experiments.again
experiments.again.write_summary_and_report = lambda folder, p_values: folder / "report.html"
from experiments.config import load
from experiments.runner import run_experiment
run_experiment(load(Path(sys.argv[2]), sys.argv[4:]), Path(sys.argv[3]), workers=1)
"""


def patched(folder: Path, *patches: tuple[str, str, str]) -> Path:
    """A copy of ``sim`` in ``folder`` with some texts replaced, each of which must stand once.

    A patch: file below ``sim/``, text, what stands in its place.
    """
    copy = folder / "sim"
    shutil.copytree(ROOT / "sim", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for file, text, other in (*PLAIN, *patches):
        source = (copy / file).read_text(encoding="utf-8")
        assert source.count(text) == 1, f"{file}: {text!r} stands there {source.count(text)} times"
        (copy / file).write_text(source.replace(text, other), encoding="utf-8")
    return folder


def run_uncompiled(copy: Path, config: Path, out: Path, *overrides: str) -> subprocess.Popen[str]:
    """Start an experiment with the copy of the market in ``copy``."""
    paths = os.pathsep.join((str(copy), str(ROOT)))
    return subprocess.Popen(
        [sys.executable, "-c", _DRIVER, str(copy), str(config), str(out), *overrides],
        cwd=copy,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

"""A sweep that tells where it stands, and can be told to die between a result and its commit.

Run as a program with the arguments of ``run.py``. Two variables of the environment: TOLD, a file to
which workers add a line when a cell begins and ends there, and DIE_BEFORE_COMMIT, the number of the
result at whose arrival the parent kills itself before it is stored (0 = never).
"""

from __future__ import annotations

import os
import signal
import sys

import experiments.sweep.live as original


def tell(what: str) -> None:
    """Add a line to the file at once, from whatever process."""
    told = os.open(os.environ["TOLD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(told, f"{what}\n".encode())
    os.close(told)


def live(plan, task):
    """Live a cell and tell when it begins and ends."""
    which = f"{task.cell} {task.replicate} {os.getpid()}"
    tell(f"begin {which}")
    lived = original.live(plan, task)
    tell(f"end {which}")
    return lived


def main() -> None:
    import experiments.sweep.run as run
    from experiments.cli import main as command
    from experiments.sweep.store import Store

    run.live = live  # type: ignore[assignment]
    deadly, arrived = int(os.environ.get("DIE_BEFORE_COMMIT", "0")), 0
    add = Store.add

    def dying(self: Store, row) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == deadly:
            tell(f"between {arrived} 0 {os.getpid()}")
            os.kill(os.getpid(), signal.SIGKILL)
        add(self, row)

    Store.add = dying  # type: ignore[method-assign]
    command()


if __name__ == "__main__":
    from killed import main as same  # workers know this module by its name, not as __main__

    sys.argv[0] = "run.py"
    same()

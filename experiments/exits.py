"""How commands end: codes that mean something, one message for a mistake, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from experiments.mistakes import UserError
    from experiments.workers import Failure

OUTSIDE = 1
MISTAKE = 2
SOME_FAILED = 3
NO_LEDGER = 3
DISK_FULL = 4
INTERRUPTED = 130


@contextmanager
def exit_codes(interrupted: str = "Interrupted; nothing was written.") -> Iterator[None]:
    """A user's mistake and Ctrl-C end in a message and a code, never in a traceback.

    ``interrupted``: what is said on Ctrl-C; empty where that has been said.
    """
    from experiments.mistakes import ConfigError, UserError

    try:
        yield
    except ConfigError as error:
        count = len(error.mistakes)
        print(error, file=sys.stderr)
        print(f"{count} mistake{'s' * (count > 1)}; nothing was run.", file=sys.stderr)
        raise typer.Exit(MISTAKE) from error
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(_code_of(error)) from error
    except KeyboardInterrupt as error:
        if interrupted:
            print(interrupted, file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from error


def _code_of(error: UserError) -> int:
    failures: list[Failure] = getattr(error, "failures", [])
    if len(failures) == 1:  # somebody is looking into it
        print(failures[0].trace, file=sys.stderr)
    if failures:
        return SOME_FAILED
    if getattr(error, "disk_full", False):
        return DISK_FULL
    return NO_LEDGER if getattr(error, "no_ledger", False) else MISTAKE

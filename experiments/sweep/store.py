"""The store of a sweep: one SQLite file, a row per finished cell and replicate.

Rows are keyed by what was lived (``Sweep.digest`` and the replicate), never by when or where: a
result counts once however often it arrives, and an enlarged sweep finds what it has. A row is
there as a whole or not at all, also after SIGKILL (write-ahead log, one transaction a row).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.mistakes import UserError

FILE = "sweep.db"
LOCK = "lock.db"
VERSION = 1
OK, FAILED, CRASHED = "ok", "failed", "crashed"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cells (
    cell INTEGER PRIMARY KEY,        -- number in the design, from 0
    digest BLOB NOT NULL,            -- what is lived there
    point TEXT NOT NULL              -- values by factor, as JSON
);
CREATE TABLE IF NOT EXISTS results (
    digest BLOB NOT NULL,
    replicate INTEGER NOT NULL,
    status TEXT NOT NULL,            -- ok, failed (an error), crashed (its process died)
    numbers BLOB,                    -- part and whole of every metric, little-endian doubles
    error TEXT NOT NULL DEFAULT '',
    trace TEXT NOT NULL DEFAULT '',
    cpu_s REAL NOT NULL DEFAULT 0,   -- of the worker, in all
    market_s REAL NOT NULL DEFAULT 0,-- of that in the market
    finished REAL NOT NULL,          -- seconds since 1970
    PRIMARY KEY (digest, replicate)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (at REAL NOT NULL, what TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Row:
    """What came of a cell in one replicate."""

    digest: bytes
    replicate: int
    status: str
    numbers: bytes | None
    error: str = ""
    trace: str = ""
    cpu_s: float = 0.0
    market_s: float = 0.0


class DiskFull(UserError):
    """Nothing more can be stored; all that was is kept."""

    disk_full = True


class Store:
    """The results of a sweep. One process writes; any number may read beside it."""

    def __init__(self, folder: Path, *, make: bool = False, most_pages: int = 0) -> None:
        """Open the store in ``folder``; ``make`` one where there is none.

        ``most_pages`` limits the file to that many pages of 4096 bytes; 0 = no limit.
        Raises UserError where there is no store, or one of another version, or a damaged one.
        """
        self.path = folder / FILE
        if not make and not self.path.is_file():
            raise UserError(f"{folder}: holds no sweep; allowed: the directory of one")
        with self._said():
            self.connection = sqlite3.connect(self.path, timeout=30.0, isolation_level=None)
            self._check()
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            if most_pages:
                self.connection.execute(f"PRAGMA max_page_count = {most_pages}")
            self.connection.executescript(SCHEMA)
            if self.meta("version") is None:
                self.tell(version=VERSION)

    def close(self) -> None:
        """Bring the log into the file and close it."""
        with suppress(sqlite3.Error):  # a log that stays beside the file is read with it
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def _check(self) -> None:
        tables = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return
        if not {"meta", "cells", "results"} <= tables:
            raise UserError(f"{self.path}: not the store of a sweep")
        found = self.meta("version")
        if found != VERSION:
            raise UserError(f"{self.path}: found a store of version {found}; allowed: {VERSION}")
        said = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise UserError(f"{self.path}: the store is damaged: {said}")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Errors of the database in words."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise DiskFull(
                    f"{self.path}: the disk is full; what was finished is stored; make room and go "
                    "on with --resume"
                ) from error
            raise UserError(f"{self.path}: cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise UserError(f"{self.path}: the store is damaged: {error}") from error

    # --- what the sweep is ---------------------------------------------------------------------

    def meta(self, name: str) -> Any:
        """Something that is known of the sweep; None when it is not."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def tell(self, **known: Any) -> None:
        """Set what is known of the sweep."""
        with self._said():
            rows = [(name, json.dumps(value)) for name, value in known.items()]
            with self._transaction():
                self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def plan(self, cells: Sequence[tuple[bytes, dict[str, Any]]], **known: Any) -> None:
        """Replace the plan: digest and values by factor of every cell, and what is known of it."""
        with self._said(), self._transaction():
            self.connection.execute("DELETE FROM cells")
            rows = ((i, digest, json.dumps(point)) for i, (digest, point) in enumerate(cells))
            self.connection.executemany("INSERT INTO cells VALUES (?, ?, ?)", rows)
            about = [(name, json.dumps(value)) for name, value in known.items()]
            self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", about)

    def digests(self) -> list[bytes]:
        """What is lived in every cell, in order."""
        return [row[0] for row in self._rows("SELECT digest FROM cells ORDER BY cell")]

    def points(self) -> list[dict[str, Any]]:
        """Values by factor of every cell, in order."""
        return [json.loads(row[0]) for row in self._rows("SELECT point FROM cells ORDER BY cell")]

    # --- results -------------------------------------------------------------------------------

    def add(self, row: Row) -> None:
        """Keep a result; one that is there already stays as it is, unless it was a failure.

        Raises DiskFull when there is no room.
        """
        values = (row.digest, row.replicate, row.status, row.numbers, row.error, row.trace,
                  row.cpu_s, row.market_s, time.time())  # fmt: skip
        with self._said():
            self.connection.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (digest, replicate) DO UPDATE SET status = excluded.status, "
                "numbers = excluded.numbers, error = excluded.error, trace = excluded.trace, "
                "cpu_s = excluded.cpu_s, market_s = excluded.market_s, "
                f"finished = excluded.finished WHERE results.status <> '{OK}'",
                values,
            )

    def known(self, *, failures: bool = True) -> set[tuple[bytes, int]]:
        """(digest, replicate) of every result, those of failures included or not."""
        where = "" if failures else f" WHERE status = '{OK}'"
        return set(self._rows(f"SELECT digest, replicate FROM results{where}"))

    def of_the_plan(self) -> Iterator[tuple[int, int, bytes]]:
        """(cell, replicate, numbers) of what went well and belongs to the plan, in that order."""
        return self._rows(
            "SELECT c.cell, r.replicate, r.numbers FROM cells c JOIN results r "
            f"ON r.digest = c.digest WHERE r.status = '{OK}' AND r.replicate < ? "
            "ORDER BY c.cell, r.replicate",
            (self.meta("replicates"),),
        )

    def failures(self) -> list[tuple[int, int, str, str]]:
        """(cell, replicate, status, error) of what failed in the plan, in that order."""
        return list(
            self._rows(
                "SELECT c.cell, r.replicate, r.status, r.error FROM cells c JOIN results r "
                f"ON r.digest = c.digest WHERE r.status <> '{OK}' AND r.replicate < ? "
                "ORDER BY c.cell, r.replicate",
                (self.meta("replicates"),),
            )
        )

    def counts(self) -> tuple[int, int, int]:
        """Results that went well and failures of the plan, and rows that belong to no plan now."""
        n = self.meta("replicates") or 0
        found = dict(
            self._rows(
                "SELECT r.status, count(*) FROM cells c JOIN results r ON r.digest = c.digest "
                "WHERE r.replicate < ? GROUP BY r.status",
                (n,),
            )
        )
        ok = found.pop(OK, 0)
        other = next(
            self._rows(
                "SELECT count(*) FROM results WHERE replicate >= ? OR digest NOT IN "
                "(SELECT digest FROM cells)",
                (n,),
            )
        )[0]
        return ok, sum(found.values()), other

    def costs(self) -> tuple[int, float, float]:
        """Results that went well, CPU seconds of workers for them, and of that in the market."""
        return next(
            self._rows(
                f"SELECT count(*), total(cpu_s), total(market_s) FROM results WHERE status = '{OK}'"
            )
        )

    def finished_since(self, at: float) -> int:
        """How many results have come since then (seconds since 1970)."""
        return int(next(self._rows("SELECT count(*) FROM results WHERE finished >= ?", (at,)))[0])

    def note(self, what: str) -> None:
        """Write a line into the sweep's diary."""
        with self._said():
            self.connection.execute("INSERT INTO events VALUES (?, ?)", (time.time(), what))

    def diary(self) -> list[tuple[float, str]]:
        """When (seconds since 1970) and what, from the beginning."""
        return list(self._rows("SELECT at, what FROM events ORDER BY rowid"))

    def _rows(self, query: str, values: Iterable[Any] = ()) -> Iterator[Any]:
        with self._said():
            yield from self.connection.execute(query, tuple(values))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


def packed(measured: dict[str, tuple[float, float]], names: Sequence[str]) -> bytes:
    """Part and whole of every metric in that order, to the bit."""
    return np.array([measured[name] for name in names], "<f8").tobytes()


def unpacked(numbers: bytes) -> np.ndarray:
    """[metrics, 2]: part and whole, as they were packed."""
    return np.frombuffer(numbers, "<f8").reshape(-1, 2)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Raises UserError while another command is at work on the sweep.

    A lock of the operating system on a file of its own: it ends with the process that holds it,
    however that ends, and so is never stale.
    """
    lock = sqlite3.connect(folder / LOCK, timeout=0.0, isolation_level=None)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise UserError(
                f"{folder}: another command is at work on this sweep ({error}); allowed: one at a "
                f"time; `python run.py status {folder}` shows how far it is"
            ) from error
        yield
    finally:
        lock.close()

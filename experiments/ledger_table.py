"""``ledger.parquet``: events of every run as rows, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.columns import LEDGER
from sim.engine import Engine
from sim.events import KINDS
from sim.ledger import Columns, Names, all_words, columns, numbers, word_codes
from sim.rules.attention import MAX_EXAMINED
from sim.state import NEVER, NOBODY

if TYPE_CHECKING:
    import pandas as pd

CHANNELS = ("feedback", "review")
Write = Callable[[Path, "pd.DataFrame", str], None]
_NONE = {
    **dict.fromkeys(("cause_id", "order", "post", "prompted_by"), 0),
    **dict.fromkeys(("stars", "stars_before", "described", "served", "shipped"), 0),
    **dict.fromkeys(("user", "verified", "shown_count", "position", "shown"), NOBODY),
    "until": -NEVER,
}
"""What stands for a missing value."""


def names_of(engine: Engine) -> Names:
    """Names by which rows of a market's ledger refer to sellers, listings and categories."""
    categories = [category.name for category in engine.config.categories]
    return Names(engine.seller_names, engine.listing_names, categories)


def in_memory(engine: Engine) -> Columns:
    """The whole ledger of a market as columns (see :func:`sim.ledger.columns`).

    Raises ValueError where it keeps none.
    """
    if engine.ledger is None:
        raise ValueError("this market keeps no ledger")
    return columns(*engine.ledger.rows(), names_of(engine))


def write_parts(
    engine: Engine, arm: str, replicate: int, places: Iterator[Path], write: Write
) -> int:
    """Write the ledger of one run into one file per chunk; returns how many rows that makes."""
    names, rows_in_all = names_of(engine), 0
    if engine.ledger is None:
        return 0
    for rows, looks in engine.ledger.chunks():
        write(next(places), _frame(rows, looks, names, arm, replicate), _query(names))
        rows_in_all += len(rows)
    return rows_in_all


def _frame(
    rows: np.ndarray, looks: np.ndarray, names: Names, arm: str, replicate: int
) -> pd.DataFrame:
    """Rows with codes for words, as DuckDB reads them fastest."""
    import pandas as pd

    def coded(codes: np.ndarray, words: Sequence[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, pd.Index(list(words), dtype=object))

    mine = np.flatnonzero(rows["look"] != NOBODY)
    looked = looks[rows["look"][mine]]
    seen = np.full((MAX_EXAMINED, len(rows)), NOBODY, np.int32)
    seen[:, mine] = looked.T
    n_seen = np.zeros(len(rows), np.int32)
    n_seen[mine] = (looked != NOBODY).sum(axis=1)
    table: dict[str, object] = {
        "arm": coded(np.zeros(len(rows), np.int8), [arm]),
        "replicate": np.full(len(rows), replicate, np.int32),
        **numbers(rows),
        "kind": coded(rows["kind"], KINDS),
        "what": word_codes(rows),
        "seller": coded(rows["seller"], names.sellers),
        "listing": coded(rows["listing"], names.listings),
        "channel": coded(rows["channel"], CHANNELS),
        "n_seen": n_seen,
        **{f"look_{k}": coded(seen[k], names.listings) for k in range(MAX_EXAMINED)},
    }
    return pd.DataFrame(table)


def _query(names: Names) -> str:
    """SELECT that makes rows of a frame those of the table; NaN is NULL there already."""
    looks = ", ".join(f"look_{k}" for k in range(MAX_EXAMINED))
    made = {name: f'nullif("{name}", {none})' for name, none in _NONE.items()} | {
        # A category may have the name of another word, so words are no codes of their own.
        "what": f"nullif({_list(all_words(names))}[what + 1], '')",
        "examined": f"CASE WHEN n_seen > 0 THEN [{looks}][1:n_seen] END",
    }
    chosen = [f'{made.get(c.name, _quoted(c.name))} AS "{c.name}"' for c in LEDGER.columns]
    return f"SELECT {', '.join(chosen)} FROM frame"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _list(words: Sequence[str]) -> str:
    quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"[{quoted}]"

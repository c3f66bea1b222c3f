"""``ledger.parquet``: events of every run as rows, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.columns import LEDGER
from sim.engine import Engine
from sim.events import KINDS
from sim.ledger import Columns, Names, all_words, columns, numbers, word_codes
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

    # Names come once each: sellers and listings have unique ones, words are made so.
    what = word_codes(rows)
    seen = np.full((len(rows), looks.shape[1]), NOBODY, np.int32)
    with_look = rows["look"] != NOBODY
    seen[with_look] = looks[rows["look"][with_look]]
    table: Mapping[str, object] = {
        "arm": coded(np.zeros(len(rows), np.int8), [arm]),
        "replicate": np.full(len(rows), replicate, np.int32),
        **numbers(rows),
        "kind": coded(rows["kind"], KINDS),
        "what": what,
        "seller": coded(rows["seller"], names.sellers),
        "listing": coded(rows["listing"], names.listings),
        "channel": coded(rows["channel"], CHANNELS),
        **{f"look_{k}": np.ascontiguousarray(seen[:, k]) for k in range(seen.shape[1])},
    }
    return pd.DataFrame(table)


def _query(names: Names) -> str:
    """SELECT that makes rows of a frame those of the table."""
    words, listings = (_list(x) for x in (all_words(names), names.listings))
    looks = ", ".join(f"look_{k}" for k in range(16))
    made = {
        "what": f"nullif({words}[what + 1], '')",
        "examined": f"CASE WHEN look_0 >= 0 THEN list_transform(list_filter([{looks}], "
        f"lambda x: x >= 0), lambda x: {listings}[x + 1]) END",
    }
    for name, none in _NONE.items():
        made[name] = f'nullif("{name}", {none})'
    for name in ("value", "felt_service", "felt_product", "shown_stars"):
        made[name] = f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END"
    chosen = [
        f'{made.get(c.name, chr(34) + c.name + chr(34))} AS "{c.name}"' for c in LEDGER.columns
    ]
    return f"SELECT {', '.join(chosen)} FROM frame"


def _list(words: Sequence[str]) -> str:
    quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"[{quoted}]"

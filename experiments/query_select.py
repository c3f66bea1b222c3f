"""What may be asked of a result: one SELECT over its tables, as DuckDB's own parser reads it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.mistakes import UserError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

LONGEST = 100_000
"""Characters; what is longer has not been written by hand and can take the parser long."""

TABLE_FUNCTIONS = ("generate_series", "range", "unnest")
"""Functions that may stand where a table does. Others read files, settings or statements."""

NO_FUNCTIONS = ("current_setting", "getenv", "write_log")
"""Functions that look beyond the result, or write."""

OF_DUCKDB = ("duckdb_", "pg_", "pragma_", "sqlite_")
"""How names of DuckDB's own views begin."""

ORDER = (
    'order is a word of SQL; the column is written in double quotes: "order" (and the whole query '
    "in single quotes, so that the shell leaves them in)"
)

_NOT_CODE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_BARE_ORDER = re.compile(r"\border\b(?!\s+(?:by|all)\b)", re.IGNORECASE)


def select_of(sql: str, tables: Collection[str], connection: DuckDBPyConnection) -> Statement:
    """The one SELECT in ``sql``, which reads nothing but these ``tables``.

    Raises UserError for anything else, in DuckDB's words where it cannot be read at all.
    """
    import duckdb

    if len(sql) > LONGEST:
        raise UserError(f"found a query of {len(sql):,} characters; allowed: {LONGEST:,}")
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        bare = _BARE_ORDER.search(_NOT_CODE.sub(" ", sql))
        raise UserError("\n\n".join([str(error).strip(), *([ORDER] if bare else [])])) from error
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "no statement"
        raise UserError(f"found {found}; allowed: one SELECT")
    statement = statements[0]
    kind = statement.type.name
    if kind == "MULTI":
        raise UserError("found PIVOT without its values; allowed: PIVOT … ON column IN (…)")
    if kind != "SELECT":
        article = "an" if kind[0] in "AEIOU" else "a"
        raise UserError(f"found {article} {kind} statement; allowed: one SELECT")
    if statement.named_parameters:
        raise UserError("found a parameter ($1 or ?); allowed: values written out")
    _check(_tree(statement.query, connection), tables)
    return statement


def tables_in(statement: Statement, connection: DuckDBPyConnection) -> set[str]:
    """Names of the tables, in small letters, that a SELECT reads; of its own WITH parts too."""
    tree = _tree(statement.query, connection)
    return {str(n["table_name"]).lower() for n in _nodes(tree) if n.get("type") == "BASE_TABLE"}


def _tree(sql: str, connection: DuckDBPyConnection) -> Any:
    found = connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree["error"]:
        said = tree.get("error_message", "the parser says nothing")
        raise UserError(
            f"found a statement that cannot be looked through; allowed: one SELECT ({said})"
        )
    return tree["statements"]


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a tree, however deep it lies."""
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _check(tree: Any, tables: Collection[str]) -> None:
    """Raises UserError for a tree that reads something else than tables of the result."""
    nodes = list(_nodes(tree))
    own = {str(entry["key"]).lower() for node in nodes for entry in _with_parts(node)}
    shadows = sorted(name for name in own if name.startswith(OF_DUCKDB))
    if shadows:
        raise UserError(f"found WITH {shadows[0]}; allowed: a name that DuckDB does not use")
    for node in nodes:
        match node.get("type"):
            case "TABLE_FUNCTION":
                name = str(node["function"]["function_name"])
                if name.lower() not in TABLE_FUNCTIONS:
                    allowed = ", ".join((*tables, *(f"{name}(…)" for name in TABLE_FUNCTIONS)))
                    raise UserError(f"found {name}(…) as a table; allowed: {allowed}")
            case "SHOW_REF" if node.get("table_name"):
                said = "python run.py query DIR lists the tables"
                raise UserError(f"found SHOW; allowed: one SELECT ({said})")
            case "BASE_TABLE":
                _check_table(node, tables, own)
        if node.get("class") == "FUNCTION" and node["function_name"].lower() in NO_FUNCTIONS:
            raise UserError(f"found {node['function_name']}(…); allowed: functions of values")


def _with_parts(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    parts = node.get("cte_map")
    return parts["map"] if isinstance(parts, dict) else []


def _check_table(node: Mapping[str, Any], tables: Collection[str], own: Collection[str]) -> None:
    name = str(node["table_name"]).lower()
    path = [str(node.get(key) or "").lower() for key in ("catalog_name", "schema_name")]
    plain = path == ["", ""]
    if (plain and name in own) or (name in tables and (plain or path == ["", "main"])):
        return
    full = ".".join(filter(None, (*path, str(node["table_name"]))))
    close = difflib.get_close_matches(name, tables, n=1) if plain else []
    instead = f'did you mean "{close[0]}"? ' if close else ""
    raise UserError(f'found "{full}" as a table; {instead}allowed: {", ".join(tables)}')

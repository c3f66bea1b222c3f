"""Gates: which limits stores and products stand beyond every evening."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from experiments.audit.check import Check, Run
from experiments.audit.checks import accounts
from experiments.audit.checks.measures import lay_standing
from experiments.audit.rules import Rules

FOR_GOOD = "remove"


def lay_breached(run: Run) -> None:
    """Make ``breached``: gate (its number), day, store or listing, whether it stands beyond.

    Between two looks a gate stays as it was. Who is gone is looked at no more, nor is a product
    that has been removed, on the same evening from the gate on that removed it.
    """
    lay_standing(run)
    con, measures = run.con, run.rules.value("measures")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE breached (gate INT, measure VARCHAR, harms BOOLEAN, day INT, "
        "seller VARCHAR, listing VARCHAR, crossed BOOLEAN)"
    )
    for number, gate in enumerate(run.rules.value("gates")):
        product = measures[gate["measure"]]["level"] == "product"
        con.execute(f"CREATE OR REPLACE TEMP TABLE looked AS {_looks(gate)}")
        removes = product and any(p["do"] == FOR_GOOD for p in gate["then"])
        con.execute(f"""
            INSERT INTO breached
            SELECT {number}, l.measure, {_harms(gate)}, s.day, s.seller, s.listing,
                {str(removes).lower()} AND s.day = l.day AND NOT coalesce(b.beyond, false)
            FROM standing s JOIN looked l ON l.seller = s.seller AND l.listing = s.listing
                AND l.day = s.day // {gate["every_days"]} * {gate["every_days"]}
            LEFT JOIN looked b ON b.seller = l.seller AND b.listing = l.listing
                AND b.day = l.day - {gate["every_days"]}
            WHERE s.measure = {_text(gate["measure"])} AND s.peer AND l.beyond
        """)
    con.execute("""
        DELETE FROM breached WHERE listing <> '' AND EXISTS (
            FROM ledger e WHERE e.kind = 'enforcement' AND e.what = 'remove'
            AND e.seller = breached.seller AND (e.listing IS NULL OR e.listing = breached.listing)
            AND (e.day < breached.day OR (e.day = breached.day AND (e.listing IS NULL
                OR breached.gate > (SELECT min(x.gate) FROM breached x WHERE x.day = e.day
                    AND x.listing = e.listing AND x.crossed)))))
    """)


def _harms(gate: dict[str, Any]) -> str:
    """Does anything bad follow from it?"""
    bad = any(p["do"] != "exposure" or p["amount"] < 1.0 for p in gate["then"])
    return str(bad).lower()


def _looks(gate: dict[str, Any]) -> str:
    """SELECT of the evenings on which the platform looks, and what it finds."""
    value = "value"
    if gate["confidence"] > 0:
        value = f"if(value IS NULL, NULL, {_wilson(NormalDist().inv_cdf(gate['confidence']))})"
    beyond = [
        _crossed(value, gate),
        f"whole >= {gate['at_least']}",
        f"part >= {gate['marked_at_least']}",
    ]
    for also in gate["also"]:
        beyond.append(
            f"coalesce((SELECT {_crossed('a.value', also)} FROM standing a WHERE a.day = s.day "
            f"AND a.seller = s.seller AND a.listing = s.listing "
            f"AND a.measure = {_text(also['measure'])}), false)"
        )
    return f"""
        SELECT day, seller, listing, measure, {" AND ".join(beyond)} AS beyond FROM standing s
        WHERE measure = {_text(gate["measure"])} AND day % {gate["every_days"]} = 0
    """


def _crossed(value: str, limit: dict[str, Any]) -> str:
    if limit["above"] is not None:
        return f"coalesce({value} > {float(limit['above'])!r}, false)"
    return f"coalesce({value} < {float(limit['below'])!r}, false)"


def _wilson(z: float) -> str:
    """SQL of the one-sided lower bound of part / whole."""
    share, z2 = "(part::DOUBLE / whole)", f"({z * z!r} / whole)"
    spread = f"{z!r} * sqrt({share} * (1.0 - {share}) / whole + {z2} / (4.0 * whole))"
    return f"if(whole = 0, 0.0, ({share} + {z2} / 2.0 - {spread}) / (1.0 + {z2}))"


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def breached(run: Run) -> str:
    """Measures a gate on which is breached."""
    lay_breached(run)
    return """
        SELECT s.day, s.seller, s.listing, s.measure, (b.measure IS NOT NULL)::INT AS breached
        FROM standing s JOIN stores t ON t.seller = s.seller
        LEFT JOIN (SELECT DISTINCT day, seller, listing, measure FROM breached) b
            ON b.day = s.day AND b.seller = s.seller AND b.listing = s.listing
            AND b.measure = s.measure
        WHERE s.day >= t.first_row
    """


def limits(run: Run) -> str:
    """Limits beyond which a store or one of its products stands: the order defect rate's, gates'
    from which anything bad follows."""
    lay_breached(run)
    accounts.lay_judged(run)
    return """
        SELECT day, seller, count(*) AS breaches FROM (
            SELECT day, seller FROM judged WHERE exceeded AND state NOT IN ('closed', 'left')
            UNION ALL SELECT day, seller FROM breached WHERE harms
        ) GROUP BY ALL
    """


def _gates(rules: Rules) -> bool:
    return bool(rules.value("gates"))


CHECKS = (
    Check(
        "gates",
        "limits on measures beyond which stores and products stand, as of the last look",
        breached,
        table="standing",
        columns=("breached",),
        if_=_gates,
    ),
    Check(
        "limits exceeded",
        "the order defect rate's limit and those of gates that harm, each counted",
        limits,
        table="sellers",
        columns=("breaches",),
    ),
)

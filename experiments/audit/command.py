"""``audit DIR``: says what was recomputed, what differs and what was left out."""

from __future__ import annotations

from pathlib import Path

from experiments.audit.checks import NOT_CHECKED
from experiments.audit.run import Audit, Told, audit

MOST_SHOWN = 12


def audited(folder: Path) -> tuple[str, bool]:
    """What an audit of a result says, and whether all agrees. Raises as :func:`audit` does."""
    made = audit(folder)
    return in_words(made), made.clean


def in_words(made: Audit) -> str:
    """What was checked and what differs, as lines."""
    told = list(made.told.values())
    values = sum(one.values for one in told)
    arms, replicates = len(made.arms) - len(made.left_out), len(made.replicates)
    lines = [
        f"{arms} arms x {replicates} replicates, recomputed from the ledger and the stated rules:"
    ]
    width = max(len(one.check.name) for one in told)
    lines += [_line(one, width) for one in told]
    lines += ["Not checked:", *(f"  {names}: {why}" for names, why in NOT_CHECKED.items())]
    if made.left_out:
        lines.append(
            "  arms in which interventions set rules, positions or arrows of the loop: "
            f"{', '.join(made.left_out)}"
        )
    edges = sum(one.on_edge for one in told)
    if edges:
        lines.append(
            f"{edges} values were let pass as one of several that they may be: within 1e-9 of a "
            "rounding edge, equal scores in another order, another offer drawn as the featured one."
        )
    shown = made.differences[:MOST_SHOWN]
    lines += [str(difference) for difference in shown]
    wrong = sum(one.wrong for one in told)
    if wrong > len(shown):
        lines.append(f"... and {wrong - len(shown)} more")
    lines.append(f"{values} values checked: " + (f"{wrong} differ." if wrong else "all agree."))
    return "\n".join(lines)


def _line(one: Told, width: int) -> str:
    if not one.runs:
        why = one.why_not or "there is no arm to check"
        return f"  {one.check.name:{width}}  not checked: {why}"
    verdict = f"{one.wrong} DIFFER" if one.wrong else "agree"
    return f"  {one.check.name:{width}}  {one.values:>10} values {verdict}: {one.check.about}"

"""Equal spend: levers of arms are set on pilot replicates, before anything is measured.

Pilots have other draws than the measured replicates, so that no result is used twice: once to set
an arm and once to judge it. All levers are searched for side by side, a value of each in a round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.arms import Arm
from experiments.config import Loaded
from experiments.equal_spend import SECTION, WITHIN
from experiments.levers import Lever
from experiments.metrics import measure
from experiments.mistakes import Mistake, UserError, shown
from experiments.progress import Progress
from experiments.replicate import Plan, Shared, Task
from experiments.root import Search
from experiments.size import workers_that_fit
from experiments.workers import Failure, run_tasks

FIRST_PILOT = 1_000_000
"""Number of the first pilot, far beyond that of any measured replicate."""

AIM = 0.005
"""Share of the sum that is aimed at: what luck adds in other replicates needs room too."""


class PilotsFailed(UserError):
    """A pilot replicate failed, so that arms cannot be set."""

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = failures
        first = failures[0]
        number = first.task.replicate - FIRST_PILOT + 1
        super().__init__(f"equal_spend: pilot replicate {number} failed: {first.error}")


@dataclass(frozen=True)
class Spent:
    """What the focal seller spent in the arms of one pilot, in the order of the task, USD/month."""

    pilot: int
    spending: tuple[float, ...]


def run_pilot(plan: Plan, task: Task) -> Spent:
    """Live through the arms of one pilot up to the last measured day and measure the spending."""
    shared, spending = Shared(plan, task.replicate), []
    for index in task.arms:
        arm = plan.arms[index]
        engine = shared.begin(arm)
        engine.live_through(arm.market.days)  # money of the run-out is not measured
        part, whole = measure(engine.tables(), engine.focal, arm.market)["spending"]
        spending.append(part / whole)
    return Spent(task.replicate, tuple(spending))


def matched(
    loaded: Loaded,
    workers: int,
    progress: Progress | None = None,
    code_from: Path | None = None,
) -> tuple[Loaded, dict[str, Any] | None]:
    """The experiment with its levers set, and what the manifest says of that.

    Without ``equal_spend`` the experiment as it is, and None. Raises UserError where a lever
    cannot bring its arm to the sum wanted, PilotsFailed where a pilot failed.
    """
    section = loaded.experiment.equal_spend
    if section is None:
        return loaded, None
    numbers = range(FIRST_PILOT, FIRST_PILOT + section.pilots)
    pilots = _Pilots(loaded, numbers, workers, progress, code_from)
    like = next(arm for arm in loaded.arms if arm.name == section.like)
    ends = [lever.set_to(end) for lever in loaded.levers for end in (lever.low, lever.high)]
    wanted, *at_ends = pilots.spending([like, *ends])
    searches = [
        Search(
            wanted,
            AIM * wanted,
            lever.low,
            lever.high,
            at_ends[2 * i],
            at_ends[2 * i + 1],
            lever.whole,
        )
        for i, lever in enumerate(loaded.levers)
    ]
    for lever, search in zip(loaded.levers, searches, strict=True):
        if not search.reachable:
            raise _refused(lever, search, section.like, "cannot be reached")
    _search(loaded.levers, searches, pilots)
    for lever, search in zip(loaded.levers, searches, strict=True):
        if abs(search.best[1] - wanted) > WITHIN * wanted:
            raise _refused(lever, search, section.like, "is jumped over")
    said = {
        "like": section.like,
        "wanted": wanted,
        "within": WITHIN,
        "pilots": list(pilots.numbers),
        "arms": [
            _said(lever, search) for lever, search in zip(loaded.levers, searches, strict=True)
        ],
    }
    return _with_values(loaded, searches), said


def _search(levers: Sequence[Lever], searches: Sequence[Search], pilots: _Pilots) -> None:
    """Try values of all levers side by side until every search has ended."""
    both = list(zip(levers, searches, strict=True))
    while True:
        tries = [(lever, search, search.next()) for lever, search in both]
        going = [(lever, search, x) for lever, search, x in tries if x is not None]
        if not going:
            return
        found = pilots.spending([lever.set_to(x) for lever, _, x in going])
        for (_, search, x), spent in zip(going, found, strict=True):
            search.tell(x, spent)


class _Pilots:
    """Pilot replicates in which arms are tried."""

    def __init__(
        self,
        loaded: Loaded,
        numbers: range,
        workers: int,
        progress: Progress | None,
        code_from: Path | None,
    ) -> None:
        self.code_from = code_from
        self.loaded, self.numbers, self.workers = loaded, numbers, workers
        self.progress, self.so_far = progress, 0

    def spending(self, arms: list[Arm]) -> list[float]:
        """Mean spending of the focal seller in each arm over the pilots, USD a month.

        Raises PilotsFailed where one failed.
        """
        loaded, vary = self.loaded, self.loaded.experiment.vary
        # Nothing is recorded.
        plan = Plan(loaded.market, tuple(arms), vary, "focal", Path(), self.code_from)
        tasks = [Task(number, tuple(range(len(arms)))) for number in self.numbers]
        total = self.so_far + len(tasks) * len(arms)
        spent: dict[int, tuple[float, ...]] = {}
        failures: list[Failure] = []

        def tell() -> None:
            self.so_far += len(arms)
            if self.progress is not None:
                self.progress(self.so_far, total, "pilot runs")

        def done(found: Spent) -> None:
            spent[found.pilot] = found.spending
            tell()

        workers = workers_that_fit([arm.market for arm in arms], self.workers)
        run_tasks(run_pilot, plan, tasks, workers, done, failures.append)
        if failures:
            raise PilotsFailed(sorted(failures, key=lambda failure: failure.task.replicate))
        # In order of number, so that the sums do not depend on which worker was faster.
        return np.array([spent[number] for number in self.numbers]).mean(axis=0).tolist()


def _with_values(loaded: Loaded, searches: Sequence[Search]) -> Loaded:
    set_to = {
        lever.arm: lever.set_to(search.best[0])
        for lever, search in zip(loaded.levers, searches, strict=True)
    }
    return replace(loaded, arms=tuple(set_to.get(arm.name, arm) for arm in loaded.arms))


def _said(lever: Lever, search: Search) -> dict[str, Any]:
    value, spending = search.best
    return {
        "arm": lever.arm,
        "lever": lever.path,
        "low": lever.low,
        "high": lever.high,
        "value": value,
        "spending": spending,
        "tried": len(search.tried),
    }


def _refused(lever: Lever, search: Search, like: str, how: str) -> UserError:
    """The sum cannot be had: what is wanted, and what the lever comes to."""
    said = (
        f"{shown(like)} spends ${search.wanted:,.0f} a month in pilots, which {how}: "
        f"{shown(lever.arm)} spends ${search.f_low:,.0f} with {lever.path} at {lever.low:g}, "
        f"${search.f_high:,.0f} at {lever.high:g}"
    )
    if how == "cannot be reached":
        said += "; allowed: ends between which that sum lies"
    else:
        said += (
            f", ${search.best[1]:,.0f} at {search.best[0]:g} at the nearest; allowed: a lever that "
            f"comes within {100 * WITHIN:g} %"
        )
    return UserError(str(Mistake(lever.where, (SECTION, "levers", lever.arm), said)))

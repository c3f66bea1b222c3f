"""Break-even responses: the value of what is assumed at which an arm's advantage disappears.

For every arm that differs from the baseline by outreach, every measure of the answer in which it
differs clearly, and every response that its messages work through, the response is moved to the
ends of its plausible range in a few replicates of the experiment, arm and baseline paired; where
that turns the difference round, the value between is looked for. All questions are asked at once,
round by round, so that runs serve many of them and the order in which they end changes nothing.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from experiments.config import Loaded
from experiments.crossing import Ask, Finding, Pairs, Search, difference, search
from experiments.metrics import METRICS, Pair, measure
from experiments.replicate import Plan, Shared
from experiments.responses import Response, acts_between, acts_in, responses, with_response
from experiments.summary import Measured, Row, summarise
from experiments.words import verdict
from experiments.workers import Failure, run_tasks

MEASURES = ("odr", "position", "profit")
"""Metrics whose differences are followed: health, visibility, money."""

NOT_CLEAR, FAILED = "no clear difference", "failed"
"""Verdicts beside those of a search: there is nothing to lose; a run came to nothing."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trial:
    """Some arms (by index) of one replicate, with one response set to a value."""

    path: str
    value: float
    replicate: int
    arms: tuple[int, ...]


Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Lived(Generic[Asked]):
    """What a trial measured, (part, whole) by arm and metric, and its CPU seconds."""

    trial: Asked
    measured: dict[int, dict[str, Pair]]
    worked_s: float


def run_trial(plan: Plan, trial: Trial) -> Lived[Trial]:
    """Live through the arms of a trial. Raises ValueError for a value that is not allowed."""
    began = time.process_time()
    moved = {*trial.arms, plan.baseline}
    arms = tuple(
        replace(arm, market=with_response(arm.market, trial.path, trial.value))
        if i in moved
        else arm
        for i, arm in enumerate(plan.arms)
    )
    base = with_response(plan.market, trial.path, trial.value)
    shared = Shared(replace(plan, market=base, arms=arms), trial.replicate)
    measured = {}
    for i in trial.arms:
        arm = arms[i]
        engine = shared.begin(arm)
        engine.live_through(engine.last_day)
        found = measure(engine.tables(), engine.focal, arm.market)
        measured[i] = {name: found[name] for name in MEASURES}
    return Lived(trial, measured, time.process_time() - began)


@dataclass(frozen=True)
class Question:
    """At which value of a response does an arm's difference in a metric disappear?"""

    arm: int
    response: Response
    metric: str
    start: float
    """The response in the experiment."""
    side: float
    """Sign of the difference in the main result; 0 where it is not clear."""
    verdict: str
    """``better`` or ``worse`` than the baseline; empty where it is not clear."""
    reaches_baseline: bool
    """Does the response show in the baseline too?"""


@dataclass(frozen=True)
class Answer:
    """A question with what came of it, and the runs that it looked at beyond the main ones."""

    question: Question
    finding: Finding
    runs: int = 0


@dataclass(frozen=True)
class Explored:
    """All answers, in order of arms, metrics and responses; and what they cost."""

    answers: list[Answer]
    failures: list[Failure]
    replicates: int = 0
    runs: int = 0
    worked_s: float = 0.0


def explore(
    loaded: Loaded,
    plan: Plan,
    measured: Measured,
    replicates: Sequence[int],
    workers: int,
    tell: Progress = lambda done, total: None,
) -> Explored:
    """Answer all questions about the outreach arms of an experiment that was run.

    ``measured``: what its ``replicates`` measured. ``tell``: (runs done, runs known of). A run that
    fails fails its questions and no others.
    """
    n = min(loaded.experiment.break_even, len(replicates))
    # One replicate has no intervals, so that nothing is clear.
    asked = list(questions(loaded, measured)) if n and len(replicates) > 1 else []
    if not asked:
        return Explored([], [])
    rounds = Rounds(asked, measured, plan, loaded.baseline, replicates[:n], tell)
    trials = rounds.next()
    if trials:
        run_tasks(run_trial, plan, trials, workers, rounds.done, rounds.failed, rounds.next)
    answers = [rounds.answers[question] for question in asked]
    return Explored(answers, rounds.failures, n, rounds.lived, rounds.worked_s)


def questions(loaded: Loaded, measured: Measured) -> Iterator[Question]:
    """Every outreach arm, measure and response that its differing acts work through.

    A response that the arm or the baseline sets itself has no one value and is left out.
    """
    names = [arm.name for arm in loaded.arms]
    placebos = [arm.name for arm in loaded.arms if arm.placebo]
    wanted = {key: found for key, found in measured.items() if key[1] in MEASURES}
    rows = {(r.arm, r.metric): r for r in summarise(wanted, names, loaded.baseline, placebos)}
    base = next(arm.market for arm in loaded.arms if arm.name == loaded.baseline)
    for i, arm in enumerate(loaded.arms):
        acts = acts_between(arm.market, base)
        for metric in MEASURES:
            for response in responses() if acts else []:
                start = response.value_in(loaded.market)
                values = {response.value_in(market) for market in (arm.market, base)}
                if response.acts & acts and values == {start}:
                    reached = bool(response.acts & acts_in(base))
                    side, word = _side(rows[arm.name, metric])
                    yield Question(i, response, metric, start, side, word, reached)


def _side(row: Row) -> tuple[float, str]:
    word = verdict(row, METRICS[row.metric])
    return (math.copysign(1.0, row.diff), word) if word in ("better", "worse") else (0.0, "")


class Rounds:
    """Questions that wait for runs, and the runs they wait for."""

    def __init__(
        self,
        asked: Sequence[Question],
        measured: Measured,
        plan: Plan,
        baseline: str,
        replicates: Sequence[int],
        tell: Progress,
    ) -> None:
        self.measured, self.plan, self.replicates, self.tell = measured, plan, replicates, tell
        self.names = [arm.name for arm in plan.arms]
        self.base = self.names.index(baseline)
        self.known: dict[tuple[str, float, int, int], Mapping[str, Pair] | None] = {}
        self.failures: list[Failure] = []
        self.answers: dict[Question, Answer] = {}
        self.seen: dict[Question, set[tuple[str, float, int, int]]] = defaultdict(set)
        self.open: dict[Question, tuple[Search, list[Ask]]] = {}
        self.lived = self.ended = self.total = 0
        self.worked_s = 0.0
        for question in asked:
            if question.side:
                begun = _search(question, len(replicates))
                self.open[question] = (begun, next(begun))
            else:
                self.answers[question] = Answer(question, Finding(NOT_CLEAR))

    def next(self) -> list[Trial]:
        """Go on with every question as far as is known, and say what must be run for the rest."""
        wanted: dict[tuple[str, float, int], set[int]] = defaultdict(set)
        for question in list(self.open):
            self._go_on(question)
        for question, (_, asks) in self.open.items():
            for path, value, arm, replicate in self._runs(question, asks) - self.known.keys():
                wanted[path, value, replicate].add(arm)
        self.total += sum(map(len, wanted.values()))
        return [Trial(*key, tuple(sorted(arms))) for key, arms in sorted(wanted.items())]

    def done(self, lived: Lived[Trial]) -> None:
        """Note what a trial measured."""
        self.worked_s += lived.worked_s
        self.lived += len(lived.measured)
        self._note(lived.trial, lived.measured)

    def failed(self, failure: Failure) -> None:
        """Note that a trial came to nothing."""
        self.failures.append(failure)
        self._note(failure.task, dict.fromkeys(failure.task.arms))

    def _note(self, trial: Trial, found: Mapping[int, Mapping[str, Pair] | None]) -> None:
        for arm, measured in found.items():
            self.known[trial.path, trial.value, arm, trial.replicate] = measured
        self.ended += len(trial.arms)
        self.tell(self.ended, self.total)

    def _go_on(self, question: Question) -> None:
        begun, asks = self.open[question]
        while (runs := self._runs(question, asks)) <= self.known.keys():
            self.seen[question] |= runs
            if any(self.known[run] is None for run in runs):
                self._close(question, Finding(FAILED))
                return
            try:
                asks = begun.send([self._pairs(question, ask) for ask in asks])
            except StopIteration as end:
                self._close(question, end.value)
                return
        self.open[question] = (begun, asks)

    def _close(self, question: Question, finding: Finding) -> None:
        del self.open[question]
        self.answers[question] = Answer(question, finding, len(self.seen[question]))

    def _runs(self, question: Question, asks: Sequence[Ask]) -> set[tuple[str, float, int, int]]:
        """The runs beyond the main ones that hold the answers."""
        arms = [question.arm, self.base] if question.reaches_baseline else [question.arm]
        return {
            (question.response.path, ask.value, arm, replicate)
            for ask in asks
            if ask.value != question.start
            for arm in arms
            for replicate in self.replicates[: ask.n]
        }

    def _pairs(self, question: Question, ask: Ask) -> Pairs:
        sides = [self._measured(question, ask, arm) for arm in (question.arm, self.base)]
        return np.stack(sides, axis=1)

    def _measured(self, question: Question, ask: Ask, arm: int) -> np.ndarray:
        metric, path = question.metric, question.response.path
        elsewhere = arm == self.base and not question.reaches_baseline
        if ask.value == question.start or elsewhere:
            return self.measured[self.names[arm], metric][: ask.n]
        runs = [self.known[path, ask.value, arm, r] for r in self.replicates[: ask.n]]
        return np.array([found[metric] for found in runs if found is not None])


def _search(question: Question, n: int) -> Search:
    ends = [v for v in (question.response.low, question.response.high) if v != question.start]
    return search(question.start, ends, n, partial(_in_its_favour, question))


def _in_its_favour(question: Question, pairs: Pairs) -> float:
    """The difference, positive on the side on which it lies in the main result."""
    return question.side * difference(METRICS[question.metric], pairs)

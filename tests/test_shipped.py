"""Every shipped experiment runs from its file to its report, in short form."""

from __future__ import annotations

import pytest
from tiny import tiny

from experiments.config import load
from experiments.platforms import ROOT
from experiments.runner import run_experiment
from experiments.summary import read_summary

SHIPPED = sorted(path for path in (ROOT / "configs").glob("*.yaml"))


def test_there_are_shipped_experiments():
    names = {path.stem for path in SHIPPED}
    assert names >= {"quickstart", "service_quality", "capacity"}


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_experiment_runs_from_file_to_report(path, tmp_path):
    short = ["days=60", "replicates=2", "buyers.count=600"]
    for lever in load(path).levers:  # another market, in which other values match
        short.append(f"equal_spend.levers.{lever.arm}.between=[0.4, 0.999]")
    if load(path).experiment.equal_spend:
        short += ["platform.feedback.leave_rate=0.03", "platform.reviews.leave_rate=0.015"]
        short += ["equal_spend.pilots=4", "buyers.count=2000", "days=120"]
    loaded = tiny(*short, path=path)
    assert loaded.experiment.question
    outcome = run_experiment(loaded, tmp_path / "out", workers=1, allow_code=True)
    assert outcome.failures == [] and outcome.placebos_exact
    rows = read_summary(outcome.path / "summary.csv")
    orders = {row.arm: row.mean for row in rows if row.metric == "orders"}
    assert orders.keys() == {arm.name for arm in loaded.arms}
    assert all(mean > 0 for mean in orders.values())
    page = (outcome.path / "report.html").read_text(encoding="utf-8")
    assert " ".join(loaded.experiment.question.split())[:40] in page

"""Rules are found, put to a case, and add up to verdicts."""

import sys
import types

import pytest

from pgolf_check.case import Case
from pgolf_check.editions import editions
from pgolf_check.errors import PgolfError
from pgolf_check.findings import (
    Axis,
    Evidence,
    Finding,
    LawStatus,
    Place,
    Recognised,
    Status,
    Verdict,
)
from pgolf_check.judge import pipeline, registry, run
from pgolf_check.judge.registry import Entry, all_rules, rule_named
from pgolf_check.judge.verdict import verdicts
from pgolf_check.law import Law, Rule, found, hold, note
from pgolf_check.limits import LIMITS
from pgolf_check.program.queries import Program
from pgolf_check.submission.read import read_folder

LAW = Law(LawStatus.RULED, "a test")
RULE = Rule("A-B", "title", Axis.LEGALITY, LAW, "statement")
HERE = (Evidence(Place("x.py", 3, "x = 1")),)


@pytest.fixture
def case(tmp_path):
    (tmp_path / "train_gpt.py").write_text("print('training')\n")
    (submission,) = read_folder(tmp_path)
    return Case(submission, Program(()), editions()[-1])


def judged(case, monkeypatch, *checks):
    entries = tuple(Entry(RULE, check, (), (), ()) for check in checks)
    monkeypatch.setattr(run, "all_rules", lambda: entries)
    return run.judge(case)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((), Verdict.CLEAN),
        ((Status.NOTE,), Verdict.CLEAN),
        ((Status.HOLD, Status.NOTE), Verdict.HOLD),
        ((Status.HOLD, Status.VIOLATION, Status.HOLD), Verdict.VIOLATION),
    ],
)
def test_the_weightiest_finding_decides_its_own_axis(statuses, verdict):
    findings = [Finding("A-B", Axis.BUDGET, status, LawStatus.RULED, "m") for status in statuses]
    given = verdicts(findings)
    assert given == {
        Axis.LEGALITY: Verdict.CLEAN,
        Axis.BUDGET: verdict,
        Axis.EVIDENCE: Verdict.CLEAN,
    }


def test_findings_stand_in_order_of_weight_and_recognitions_apart(case, monkeypatch):
    def check(_):
        yield note(RULE, "a note")
        yield Recognised("A-B", "seen")
        yield hold(RULE, "a hold")
        yield found(RULE, "a violation", HERE)

    judgement = judged(case, monkeypatch, check)
    statuses = [finding.status for finding in judgement.findings]
    assert statuses == [Status.VIOLATION, Status.HOLD, Status.NOTE]
    assert [item.message for item in judgement.recognised] == ["seen"]
    assert judgement.checked == ("A-B",)


def test_a_rule_that_fails_is_held_and_the_others_are_heard(case, monkeypatch):
    def broken(_):
        yield note(RULE, "before it failed")
        raise KeyError("nothing there")

    def sound(_):
        yield found(RULE, "a violation", HERE)

    judgement = judged(case, monkeypatch, broken, sound)
    messages = {finding.status: finding.message for finding in judgement.findings}
    assert "KeyError" in messages[Status.HOLD]
    assert judgement.verdicts[Axis.LEGALITY] is Verdict.VIOLATION


def test_a_rule_that_never_ends_is_cut_off_and_that_is_said(case, monkeypatch):
    def endless(_):
        number = 0
        while True:
            number += 1
            yield hold(RULE, f"hold {number}")

    findings = judged(case, monkeypatch, endless).findings
    assert len(findings) == LIMITS.findings_per_rule + 1
    assert f"first {LIMITS.findings_per_rule}" in findings[-1].message


def test_the_same_words_are_said_once_with_all_places(case, monkeypatch):
    def check(_):
        yield found(RULE, "m", (Evidence(Place("a.py", 1)), Evidence(Place("a.py", 2))))
        yield found(RULE, "m", (Evidence(Place("a.py", 1)), Evidence(Place("a.py", 3))))

    (finding,) = judged(case, monkeypatch, check).findings
    assert [item.place.line for item in finding.evidence] == [1, 2, 3]


def test_a_program_that_cannot_be_followed_leaves_legality_open(case, monkeypatch):
    def fail(_):
        raise RecursionError("deep")

    monkeypatch.setattr(pipeline, "build_program", fail)
    judgement = pipeline.audit(case.submission)
    assert judgement.verdicts[Axis.LEGALITY] is not Verdict.CLEAN
    assert any("RecursionError" in finding.message for finding in judgement.findings)


def test_rules_are_found_by_any_spelling_and_misspellings_get_help():
    assert rule_named("fmt_files").rule.id == "FMT-FILES"
    with pytest.raises(PgolfError, match="FMT-FILES"):
        rule_named("FMT-FILE")
    with pytest.raises(PgolfError, match="pgolf rules"):
        rule_named("XYZ")


def test_rule_ids_are_unique():
    ids = [entry.rule.id for entry in all_rules()]
    assert len(ids) == len(set(ids))


def test_a_foreign_package_called_rules_is_refused_before_it_runs(tmp_path, monkeypatch):
    planted = tmp_path / "rules"
    planted.mkdir()
    (planted / "__init__.py").write_text("raise SystemExit('the planted package ran')\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "rules"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PgolfError, match="hides"):
        registry.all_rules.__wrapped__()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({}, "needs RULE and check"),
        ({"RULE": RULE}, "needs RULE and check"),
        ({"RULE": RULE, "check": print}, "not named after"),
        ({"RULE": Rule("A", "t", Axis.BUDGET, LAW, "s"), "check": print, "LEGAL": "x"}, "LEGAL"),
    ],
)
def test_a_rule_file_without_form_is_refused(content, complaint, monkeypatch):
    module = types.ModuleType("rules.order.a")
    module.__dict__.update(content)
    monkeypatch.setattr(registry.importlib, "import_module", lambda _: module)
    with pytest.raises(PgolfError, match=complaint):
        registry._entry("order", "a")

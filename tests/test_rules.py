"""Every example of every rule, as a real folder through the real pipeline."""

import textwrap
from dataclasses import replace

import pytest

from pgolf_check.findings import Finding, LawStatus, Status
from pgolf_check.judge.pipeline import audit
from pgolf_check.judge.registry import all_rules, rule_named
from pgolf_check.submission.read import read_folder

MARK = "# <-"
RECOGNISERS = (
    "GPTQ-ARSELF",
    "TTT-CHUNK",
    "TTT-DOCLORA",
    "TTT-PHASED",
)  # name what is legal, and accuse nobody
NOTES_ONLY = (
    "ART-TOKENIZER",
    "FMT-RUNS",
    "TIME-NOLIMBO",
    "TIME-WARMUP",
    "VAL-TAIL",
    "TTT-WARM-VAL",
)
SETTLED = (LawStatus.RULED, LawStatus.NORM)


def cases(kind):
    return [
        pytest.param(entry.rule, example, id=f"{entry.rule.id}-{number}")
        for entry in all_rules()
        for number, example in enumerate(getattr(entry, kind), 1)
    ]


def lay_out(example, folder):
    """The example as a folder; the marked lines of each file."""
    files = {name: textwrap.dedent(text) for name, text in example.files.items()}
    if example.code:
        parts = (example.before, example.code, example.after)
        files["train_gpt.py"] = "\n".join(textwrap.dedent(part) for part in parts if part)
    if example.settings:
        words = [*(f"{name}={value}" for name, value in example.settings.items())]
        command = " ".join([*words, "torchrun --standalone --nproc_per_node=8 train_gpt.py"])
        files["README.md"] = files.get("README.md", "") + f"\n```bash\n{command}\n```\n"
    marked = set()
    for name, text in files.items():
        lines = text.split("\n")
        marked |= {(name, n) for n, line in enumerate(lines, 1) if line.endswith(MARK)}
        if name != "train_gpt.py":  # a comment in code, but a foreign body in logs and JSON
            lines = [line.removesuffix(MARK).rstrip(" ") for line in lines]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines))
    return marked


def said(rule, example, tmp_path):
    folder = tmp_path / "records" / "track_10min_16mb" / "2026-04-01_Example"
    folder.mkdir(parents=True)
    marked = lay_out(example, folder)
    (submission,) = read_folder(folder)
    submission = replace(submission, outside=example.outside)
    findings = [one for one in audit(submission).findings if one.rule == rule.id]
    broken = [one.message for one in findings if "could not be applied" in one.message]
    assert broken == []
    return findings, marked


def shown(findings: list[Finding]):
    return {(item.place.file, item.place.line) for one in findings for item in one.evidence}


@pytest.mark.parametrize(("rule", "example"), cases("illegal"))
def test_the_illegal_is_found_where_it_stands(rule, example, tmp_path):
    findings, marked = said(rule, example, tmp_path)
    expected = Status.VIOLATION if rule.law.status in SETTLED else Status.HOLD
    assert expected in {one.status for one in findings}
    assert marked <= shown(findings)


@pytest.mark.parametrize(("rule", "example"), cases("legal"))
def test_the_legal_is_left_alone(rule, example, tmp_path):
    findings, _ = said(rule, example, tmp_path)
    assert [one for one in findings if one.status is not Status.NOTE] == []


@pytest.mark.parametrize(("rule", "example"), cases("undecided"))
def test_the_undecided_is_held(rule, example, tmp_path):
    findings, marked = said(rule, example, tmp_path)
    assert {one.status for one in findings} - {Status.NOTE} == {Status.HOLD}
    assert marked <= shown(findings)


@pytest.mark.parametrize("entry", all_rules(), ids=lambda entry: entry.rule.id)
def test_a_rule_says_what_it_is(entry):
    rule = entry.rule
    assert all((rule.title, rule.statement, rule.remedy, rule.law.source))
    assert entry.legal
    assert entry.illegal or entry.undecided or rule.id in RECOGNISERS + NOTES_ONLY


def test_what_is_legal_is_recognised(tmp_path):
    for entry in all_rules():
        if entry.rule.id in RECOGNISERS:
            folder = tmp_path / entry.rule.id
            folder.mkdir()
            lay_out(entry.legal[0], folder)
            (submission,) = read_folder(folder)
            assert entry.rule.id in {one.rule for one in audit(submission).recognised}


@pytest.mark.parametrize("name", NOTES_ONLY)
def test_what_is_no_reason_to_refuse_is_noted(name, tmp_path):
    entry = rule_named(name)
    findings, _ = said(entry.rule, entry.legal[-1], tmp_path)
    assert {one.status for one in findings} == {Status.NOTE}

"""One audit in four forms: complete, readable without colour, and safe whatever it quotes."""

import json
import re
import unicodedata
from dataclasses import replace
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from pgolf_check.audited import Audited, CodeRead
from pgolf_check.findings import (
    Axis,
    Evidence,
    Finding,
    Judgement,
    LawStatus,
    Place,
    Recognised,
    Status,
    Verdict,
)
from pgolf_check.law import Law, Rule
from pgolf_check.report.audit_json import document
from pgolf_check.report.audit_markdown import review
from pgolf_check.report.audit_sarif import sarif
from pgolf_check.report.audit_terminal import page
from pgolf_check.submission.facts import Headline, Target, Track

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "audit.schema.json").read_text()
)
HOSTILE = "\x1b[31m\u202e|`````\n# h\n@team #1 www.x.io <b>[a](javascript:x) {0} ::error::"
LAW = Law(LawStatus.RULED, "#1 and #2")
RULES = (
    Rule("A-BAD", "Something bad", Axis.LEGALITY, LAW, "Do not.", "Do otherwise."),
    Rule("B-OPEN", "Something open", Axis.BUDGET, LAW, "Say it.", "Say it."),
    Rule("C-FINE", "Something fine", Axis.EVIDENCE, LAW, "Show it.", "Show it."),
    Rule("D-LEGAL", "Something legal", Axis.LEGALITY, LAW, "May be done.", "-"),
)
PATH = (
    Evidence(Place("train_gpt.py", 914, "opt.step()", layer=2, anchor=3), "learnt here"),
    Evidence(Place("train_gpt.py", 920, "total += loss", layer=2, anchor=3), "scored here"),
)


def audited(text="opt.step()", message="Weights learn first.", folder="records/t/2026 Small"):
    evidence = (replace(PATH[0], place=replace(PATH[0].place, text=text)), PATH[1])
    judgement = Judgement(
        {Axis.LEGALITY: Verdict.VIOLATION, Axis.BUDGET: Verdict.HOLD, Axis.EVIDENCE: Verdict.CLEAN},
        (
            Finding(
                "A-BAD",
                Axis.LEGALITY,
                Status.VIOLATION,
                LawStatus.RULED,
                message,
                evidence,
                "Do otherwise.",
            ),
            Finding("B-OPEN", Axis.BUDGET, Status.HOLD, LawStatus.RULED, "Cannot tell."),
            Finding("B-OPEN", Axis.BUDGET, Status.NOTE, LawStatus.RULED, "By the way."),
        ),
        (Recognised("D-LEGAL", "Understood.", (Evidence(Place("train_gpt.py", 7, "x")),)),),
        tuple(rule.id for rule in RULES),
        12.34,
    )
    target = Target(folder, "git", "refs/pull/7/head", "0123456789" * 4, "0" * 40)
    headline = Headline(1.1252, None, "final", "a reason", supported=True)
    code = (CodeRead("train_gpt.py", "entry", 2, "lzma"),)
    return Audited(
        target, judgement, RULES, "2026-05", Track.RECORD, "", headline, code, ("train_seed42.log",)
    )


def printed(one, **options):
    sink = StringIO()
    Console(file=sink, width=80, markup=False, highlight=False).print(page(one, **options))
    return sink.getvalue()


def test_the_page_answers_first_and_proves_after():
    text = re.sub(r" +", " ", printed(audited()))
    order = [
        "2026 Small",
        "record track · refs/pull/7/head · commit 012345678901",
        "claims 1.12520 bits per byte; its logs agree",
        "legality VIOLATION violation: A-BAD",
        "budget HOLD hold: B-OPEN; note: B-OPEN",
        "evidence CLEAN",
        "VIOLATION A-BAD Something bad",
        "train_gpt.py:914 (layer 2) learnt here",
        "| opt.step()",
        "Law: ruled (#1 and #2)",
        "Remedy: Do otherwise.",
        "HOLD B-OPEN",
        "NOTE B-OPEN",
        "Recognised as legal",
        "D-LEGAL Understood.",
        "Checked and clean (1): C-FINE",
        "Rules of 2026-05",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_the_page_is_80_columns_wide_and_has_no_colour_codes():
    text = printed(audited(text="x" * 500, message="word " * 60))
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_a_quiet_page_holds_verdicts_and_findings_alone():
    text = printed(audited(), quiet=True)
    assert "A-BAD" in text
    assert "Checked and clean" not in text
    assert "D-LEGAL" not in text


def test_the_review_can_be_posted_as_it_is():
    text = review(audited())
    for part in (
        "## Review of `2026 Small`",
        "| legality | **VIOLATION** | violation: A-BAD |",
        "**Recommendation.** Not to be accepted as it stands.",
        "#### 1. VIOLATION `A-BAD` Something bad",
        "train_gpt.py:914 (layer 2)  learnt here",
        "*What would make it clean:* Do otherwise.",
        "### Recognised as legal",
        "### Checked and clean",
        "### Caveats",
        f"`pgolf audit --repo GITDIR --ref {'0123456789' * 4}`",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("verdict", "advice"),
    [(Verdict.HOLD, "Not decided."), (Verdict.CLEAN, "Nothing stands against")],
)
def test_the_recommendation_follows_the_worst_verdict(verdict, advice):
    one = audited()
    judgement = replace(one.judgement, verdicts=dict.fromkeys(Axis, verdict), findings=())
    assert advice in review(replace(one, judgement=judgement))


def test_the_document_keeps_to_its_schema():
    found = document(audited())
    jsonschema.validate(found, SCHEMA)
    assert found["verdicts"] == {"legality": "violation", "budget": "hold", "evidence": "clean"}
    assert found["recognised"] == ["D-LEGAL"]
    assert found["findings"][0]["evidence"][0] == {
        "file": "train_gpt.py",
        "layer": 2,
        "line": 914,
        "text": "opt.step()",
        "anchor": 3,
        "role": "learnt here",
    }


def test_sarif_points_into_the_repository_and_tells_the_unpacked_line():
    (run,) = sarif([audited()])["runs"]
    bad, held, noted = run["results"]
    region = bad["locations"][0]["physicalLocation"]
    assert region["artifactLocation"]["uri"] == "records/t/2026%20Small/train_gpt.py"
    assert region["region"]["startLine"] == 3
    assert "Unpacked layer 2, line 914: opt.step()" in bad["message"]["text"]
    steps = bad["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"].split(" (")[0] for step in steps] == [
        "learnt here",
        "scored here",
    ]
    assert [one["level"] for one in (bad, held, noted)] == ["error", "warning", "note"]
    assert held["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_sarif_holds_what_code_scanning_demands():
    log = sarif([audited(), audited()])
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["A-BAD", "B-OPEN"]
    for rule in rules:
        assert all(
            (
                rule["shortDescription"]["text"],
                rule["fullDescription"]["text"],
                rule["help"]["text"],
                rule["help"]["markdown"],
            )
        )
        assert "security-severity" not in rule["properties"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
            assert region["endColumn"] > region["startColumn"]


def test_a_fingerprint_outlives_packing_and_moving():
    def mark(place):
        one = audited()
        finding = replace(one.judgement.findings[0], evidence=(Evidence(place),))
        moved = replace(one, judgement=replace(one.judgement, findings=(finding,)))
        return sarif([moved])["runs"][0]["results"][0]["partialFingerprints"]

    plain = mark(Place("train_gpt.py", 10, "opt.step()"))
    assert plain == mark(Place("train_gpt.py", 99, "opt.step( )".replace(" ", ""), 1, 2))
    assert plain != mark(Place("train_gpt.py", 10, "opt.zero_grad()"))


def test_what_a_submission_says_reaches_no_reader_raw():
    one = audited(text=HOSTILE, message=HOSTILE, folder=f"records/t/{HOSTILE}")
    one = replace(one, copy_of=HOSTILE, target=replace(one.target, ref=HOSTILE))
    terminal, markdown, log = printed(one), review(one), json.dumps(sarif([one]))
    for text in (terminal, markdown, json.dumps(document(one)), log):
        assert {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} <= {"\n"}
    outside = re.sub(r"(`{3,}).*?\n\1\n|(`+)(?!`).*?\2", "", markdown, flags=re.DOTALL)
    for active in ("@team", "#1 ", "<b>", "](javascript", "www.x", "\n# h"):
        assert active not in outside
    messages = [result["message"]["text"] for result in sarif([one])["runs"][0]["results"]]
    assert not any(re.search(r"[\[\]{}]", message) for message in messages)


def test_a_quoted_line_cannot_close_its_block():
    text = review(audited(text="``` ```` `````"))
    fences = re.findall(r"^(`{3,})", text, flags=re.MULTILINE)
    assert fences == ["``````", "``````"]

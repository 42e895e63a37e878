"""ART-CODECOUNT: the ways of counting code must not disagree about the cap."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, hold, note
from pgolf_check.submission.sizes import RunSize, Way
from rules.counts import over_somewhere, told
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="ART-CODECOUNT",
    title="Sizes that depend on how code is counted",
    axis=Axis.BUDGET,
    law=Law(
        LawStatus.CONTESTED,
        "README: counted code lives in train_gpt.py; #1835 was refused by its raw code, #1412 "
        "accepted after packing, #1855 and #2135 counted their code minified and compressed",
    ),
    statement="Three counts are made: what the log states, what lies in the folder with all local "
    "modules, and the same code minified and compressed. As long as all stay within the cap, "
    "nobody has to choose among them.",
    remedy="Hand in the script in the form in which it was counted: packed, or with room to spare.",
)

# Incompressible on purpose: every line is another number.
_LONG = "".join(f"T{n} = {n * 2654435761 % 4294967296}\n" for n in range(3_000))

ILLEGAL: list[Example] = []

LEGAL = [
    record("every count is within", {"train_seed42.log": train_log()}),
    record(
        "raw it is over, minified and compressed it is within, as was accepted",
        {"train_seed42.log": train_log(model_bytes=15_960_000, code_bytes=30_000)},
        code=_LONG,
    ),
]

UNDECIDED = [
    record(
        "logged within, and over in every way it can be counted here",
        {"train_seed42.log": train_log(model_bytes=15_998_000, code_bytes=1_000, mark="Total")},
        code=_LONG,
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Runs that are within the cap by one count and over it by another."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, cap = case.submission, case.edition.size_cap_bytes
    for run in over_somewhere(submission, cap):
        totals = {way: run.count(way).total for way in Way}
        known = {way: total for way, total in totals.items() if total is not None}
        if min(known.values()) > cap:
            continue  # over by every count, which is ART-16M's business
        practised = all(known.get(way, 0) <= cap for way in (Way.LOGGED, Way.MINIMAL))
        say = note if practised else hold
        yield say(RULE, f"The counts of this run disagree: {told(run)}.", _shown(case, run))


def _shown(case: Case, run: RunSize) -> tuple[Evidence, ...]:
    shown = []
    for log in case.submission.logs:
        if log.path == run.log:
            line = log.total_line
            place = log.place(line) if line else Place(log.path)
            shown.append(at(place, "the total of this run"))
    if case.submission.entry:
        shown.append(at(Place(case.submission.entry.path), "the script that is counted"))
    return tuple(shown)

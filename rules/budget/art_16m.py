"""ART-16M: code and compressed model fit into sixteen million bytes."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold
from pgolf_check.submission.facts import Submission, Track
from pgolf_check.submission.sizes import RunSize, Way, run_sizes
from rules.counts import over_somewhere, told
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="ART-16M",
    title="Larger than 16,000,000 bytes",
    axis=Axis.BUDGET,
    law=Law(LawStatus.RULED, "README: 16,000,000 bytes, decimal; #1959, #731"),
    statement="The bytes of the code and of the compressed model together come to at most "
    "16,000,000, in every run behind the score.",
    remedy="Make the model or the code smaller, or compress it better, and run again.",
)

ILLEGAL = [
    record(
        "over, however code is counted",
        {"train_seed42.log": train_log(model_bytes=16_010_000, code_bytes=24, mark="Total")},
    ),
]

LEGAL = [
    record("well within", {"train_seed42.log": train_log()}),
    record(
        "the last byte may be used",
        {"train_seed42.log": train_log(model_bytes=15_940_000, code_bytes=60_000)},
    ),
]

UNDECIDED = [
    record("nothing tells the size", {"train_seed42.log": "seed:42\n"}),
    record(
        "the log states a total and no parts, so that nothing can be counted here",
        {
            "train_seed42.log": "\n".join(
                line
                for line in train_log(model_bytes=15_960_000, mark="Total").split("\n")
                if not line.startswith(("Serialized", "Code"))
            )
        },
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Every run that is over the cap by each of its counts."""
    yield from _uncounted(case.submission)
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, cap = case.submission, case.edition.size_cap_bytes
    for run in over_somewhere(submission, cap):
        totals = {way: run.count(way).total for way in Way}
        known = {way: total for way, total in totals.items() if total is not None}
        if min(known.values()) <= cap:
            continue  # the counts disagree, which is ART-CODECOUNT's business
        message = f"Over by {min(known.values()) - cap:,} bytes in the smallest count: {told(run)}."
        shown = (_place(submission, run),)
        if len(known) == 1:
            missing = run.count(Way.SHIPPED).missing
            yield hold(RULE, f"{message} Nothing else could be counted: {missing[0]}.", shown)
        elif submission.track is Track.NON_RECORD:
            yield hold(RULE, f"{message} The non-record track has taken larger ones.", shown)
        else:
            yield found(RULE, message, shown)


def _uncounted(submission: Submission) -> Iterator[Finding]:
    """A size that nobody states and nothing shows is not within the cap."""
    totals = (run.count(way).total for run in run_sizes(submission) for way in Way)
    if submission.track is Track.RECORD and not any(totals):
        yield hold(RULE, "No log states the size, and no model file lies in the folder.")


def _place(submission: Submission, run: RunSize) -> Evidence:
    log = next(log for log in submission.logs if log.path == run.log)
    line = log.total_line
    return at(log.place(line) if line else Place(log.path), "the total of this run")

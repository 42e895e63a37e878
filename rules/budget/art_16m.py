"""ART-16M: code and compressed model fit into sixteen million bytes."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold
from pgolf_check.submission.facts import Submission, Track
from pgolf_check.submission.headline import logs_behind
from pgolf_check.submission.sizes import RunSize, Way, run_sizes
from rules.records import record, train_log

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
        "code and model together are over, however they are counted",
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
    record(
        "the log is over, but what lies in the folder is smaller",
        {"train_seed42.log": train_log(model_bytes=15_960_000, code_bytes=60_000, mark="Total")},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Every run whose own total is over the cap."""
    submission, cap = case.submission, case.edition.size_cap_bytes
    behind = {log.path for log in logs_behind(submission.headline, submission.logs)}
    for run in run_sizes(submission):
        logged, shipped = run.count(Way.LOGGED).total, run.count(Way.SHIPPED).total
        if logged is None or logged <= cap or (behind and run.log not in behind):
            continue
        shown = (_place(submission, run),)
        over = f"{logged:,} bytes are logged, {logged - cap:,} more than allowed"
        if shipped is None or shipped <= cap:
            counted = "cannot be counted" if shipped is None else f"come to {shipped:,}"
            message = f"{over}; the files in the folder {counted}."
            yield hold(RULE, message, shown)
        elif submission.track is Track.NON_RECORD:
            yield hold(RULE, f"{over}; the non-record track has taken larger ones.", shown)
        else:
            yield found(RULE, f"{over}; the files in the folder come to {shipped:,}.", shown)


def _place(submission: Submission, run: RunSize) -> Evidence:
    log = next(log for log in submission.logs if log.path == run.log)
    line = log.total_line
    return at(log.place(line) if line else Place(log.path), "the total of this run")

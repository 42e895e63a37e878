"""EVI-CONSIST: what is claimed is what was logged."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Law, Rule, at, found, hold, note
from pgolf_check.submission.facts import Manifest, Submission
from pgolf_check.submission.headline import TOLERANCE
from rules.records import manifest, record, train_log

RULE = Rule(
    id="EVI-CONSIST",
    title="Claim, README and logs that disagree",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process; #61, #1981"),
    statement="The score in submission.json is a number that the logs show: the mean over the "
    "runs, or the value of one. It is no better than every run it is made of.",
    remedy="State the mean of the logged scores, and the same number in README and "
    "submission.json.",
)

_SMALL = 1_000  # bytes; code and model are often counted a moment apart

ILLEGAL = [
    record(
        "the claim is better than each of its own seeds",
        {
            "train_seed42.log": train_log(),
            "submission.json": manifest(
                val_bpb=1.1190,
                seed_results={"42": {"val_bpb": 1.1252}, "1337": {"val_bpb": 1.1249}},
            ),
        },
    ),
]

LEGAL = [
    record("the claim is the logged score", {"train_seed42.log": train_log()}),
    record(
        "the claim is the mean of two logs",
        {
            "train_seed42.log": train_log(42, bpb=1.1240),
            "train_seed1337.log": train_log(1337, bpb=1.1264),
        },
    ),
]

UNDECIDED = [
    record(
        "no logged score is near the claim",
        {"train_seed42.log": train_log(mark="final_"), "submission.json": manifest(val_bpb=1.11)},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """The headline against its own seeds, the logs and the README."""
    submission = case.submission
    claimed = submission.manifest
    if claimed is None:
        return
    value = claimed.val_bpb.value if claimed.val_bpb else None
    if not isinstance(value, int | float):
        yield hold(RULE, "submission.json states no score.", (at(Place(claimed.path)),))
        return
    if not submission.headline.supported:
        yield from _against_its_seeds(claimed, float(value))
    yield from _against_logs(submission, float(value))
    if submission.readme and not _mentions(submission.readme.text, float(value)):
        place = Place(submission.readme.path)
        yield note(RULE, f"The README does not mention the claimed {value}.", (at(place),))
    yield from _bytes(submission, claimed)


def _against_its_seeds(claimed: Manifest, value: float) -> Iterator[Finding]:
    seeds = [seed.val_bpb for seed in claimed.seeds if seed.val_bpb is not None]
    if seeds and value < min(seeds) - TOLERANCE:
        message = f"submission.json claims {value}, better than its best seed, {min(seeds)}."
        yield found(RULE, message, (at(Place(claimed.path), "the claim and its seeds"),))


def _against_logs(submission: Submission, value: float) -> Iterator[Finding]:
    headline = submission.headline
    if headline.supported or headline.nearest is None:
        return
    nearest = next(
        (
            at(Place(log.path, score.line, score.text), "the nearest logged score")
            for log in submission.logs
            for score in log.evals
            if abs(score.val_bpb - headline.nearest) < TOLERANCE
        ),
        None,
    )
    message = f"No log supports the claimed {value}; the nearest score is {headline.nearest}."
    yield hold(RULE, message, (nearest,) if nearest else ())


def _mentions(text: str, value: float) -> bool:
    """Whether a text has the number, rounded or cut off at three or four decimals."""
    return any(number in text for number in (str(value)[:5], f"{value:.3f}", f"{value:.4f}"))


def _bytes(submission: Submission, claimed: Manifest) -> Iterator[Finding]:
    said = claimed.bytes_total.value if claimed.bytes_total else None
    logged = [log for log in submission.logs if log.total_bytes]
    totals = [log.total_bytes or 0 for log in logged]
    if not isinstance(said, int) or not totals:
        return
    if not min(totals) - _SMALL <= said <= max(totals) + _SMALL:
        near = min(logged, key=lambda log: abs((log.total_bytes or 0) - said))
        shown = near.place(near.total_line) if near.total_line else Place(near.path)
        message = f"submission.json states {said:,} bytes; the nearest log {near.total_bytes:,}."
        yield note(RULE, message, (at(shown),))

"""ART-EXTDATA: training data at evaluation is paid for in bytes."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found, hold
from pgolf_check.submission.facts import Track
from rules.scaffold import evaluation

RULE = Rule(
    id="ART-EXTDATA",
    title="Training data read for the evaluation",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README, FAQ: no access to training data in evaluation; PRs 593, 615"),
    statement="The evaluation may look up training data only if that lies in the artifact and "
    "within its 16,000,000 bytes. A table that is filled from the training shards when training is "
    "over is neither.",
    remedy="Fill the table inside the training clock and store it in the artifact, or do without.",
)

_STORE = """
        follows = np.zeros((1024, 1024))
        for window in windows(train_tokens):
            np.add.at(follows, (window[:-1], window[1:]), 1)  # <-
        smooth = (follows + 1) / (follows + 1).sum(axis=1, keepdims=True)
        for window in windows(val_tokens):
            with torch.no_grad():
                losses = token_losses(model, window)
            mixed = 0.9 * torch.exp(-losses) + 0.1 * smooth[window[:-1], window[1:]]
            total += -torch.log(mixed).sum()
"""

_LOG = """
            seed:42
            step:1000/1000 train_loss:2.1 train_time:{stop}ms step_avg:600.00ms
            stopping_early: wallclock_cap train_time:{stop}ms step:1000/1000
            final_sliding val_loss:2.3 val_bpb:1.05
"""

ILLEGAL: list[Example] = [
    evaluation(
        "counts of training tokens are taken when the ten minutes are over",
        _STORE,
        {"train_seed42.log": _LOG.format(stop=600078)},
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "they are taken within the ten minutes",
        _STORE,
        {"train_seed42.log": _LOG.format(stop=560078)},
    ),
]

UNDECIDED: list[Example] = [
    evaluation("no log says when training stopped", _STORE),
]


def check(case: Case) -> Iterator[Finding]:
    """Tables of training tokens that a score looks up, filled after the last training step."""
    if case.submission.track is Track.NON_RECORD:
        return
    limit = case.edition.train_seconds * 1e3
    timed = [log for log in case.submission.logs if log.train_ms]
    full = [log for log in timed if (log.train_ms or 0.0) >= limit]
    for fed, report in case.program.late_feeds():
        shown = (at(fed.place, "filled from training tokens"), at(report.place, "the score"))
        if full:
            stop = at(full[0].place(full[0].stop_line or 0), "training has used the clock")
            message = "A table is filled from training tokens after training used the clock."
            yield found(RULE, message, (stop, *shown))
        elif not timed:
            yield hold(RULE, "No log says when training stopped before this table.", shown)
        return

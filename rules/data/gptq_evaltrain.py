"""GPTQ-EVALTRAIN: training data may be read inside the training clock only."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found, hold
from pgolf_check.submission.facts import Track

RULE = Rule(
    id="GPTQ-EVALTRAIN",
    title="Calibrated on training data after the clock stopped",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 529, 569, 593, 606, 609, 615, 639, 656, 706, 1028"),
    statement="Once the ten minutes of training are used, reading training data, for example to "
    "calibrate a quantiser, is access to training data at evaluation.",
    remedy="Stop training early and calibrate inside the 600 seconds, or calibrate on text "
    "sampled from the model.",
)

ILLEGAL = []

LEGAL = [
    Example(
        "training shards are only read while training",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]


_RESERVE = 1.5  # seconds; no calibration in the corpus takes less, and clocks overshoot by less


def check(case: Case) -> Iterator[Finding]:
    """Calibration on training data after a training loop that used the whole clock."""
    if case.submission.track is Track.NON_RECORD:
        return
    runs = [run for run in case.program.late_training_runs() if run.hooked]
    if not runs:
        return
    places = tuple(at(run.place, "the model runs on training data") for run in runs)
    allowed = (case.edition.train_seconds - _RESERVE) * 1e3
    full = [log for log in case.submission.logs if log.train_ms and log.train_ms >= allowed]
    timed = [log for log in case.submission.logs if log.train_ms]
    if full:
        log = full[0]
        stop = at(log.place(log.stop_line or 0), "training has used the clock")
        yield found(
            RULE,
            "Training data calibrates the model after training used the clock.",
            (stop, *places),
        )
    elif not timed:
        limits = case.program.clock_limits()
        if limits and min(limits) >= allowed:
            yield found(
                RULE,
                "Training data calibrates the model after a loop that may use the whole clock.",
                places,
            )
        else:
            yield hold(RULE, "No log says when training stopped before this calibration.", places)

"""GPTQ-EVALTRAIN: training data may be read inside the training clock only."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found, hold, note
from pgolf_check.submission.facts import Track
from rules.scaffold import evaluation

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

_CALIBRATED = """
        hessians = {}

        def collect(module, inputs, output):
            hessians["h"] = inputs[0].T @ inputs[0]

        handle = model.register_forward_hook(collect)
        for window in windows(train_tokens):
            model(window)  # <-
        handle.remove()
        model.out.weight.data.copy_(model.out.weight.data / hessians["h"].mean())
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """

_AT_600 = """
            seed:42
            step:1000/1000 train_loss:2.1 train_time:600078ms step_avg:600.00ms
            stopping_early: wallclock_cap train_time:600078ms step:1000/1000
            gptq: calibrating
            final_sliding val_loss:2.3 val_bpb:1.05
            """

ILLEGAL: list[Example] = [
    evaluation(
        "the log stops training at 600 s and calibrates then",
        _CALIBRATED,
        {"train_seed42.log": _AT_600},
    ),
    evaluation(
        "a switch that is off would have printed the same score without calibrating",
        f"""
        if os.environ.get("ONLY_SCORE", "0") == "1":
            for window in windows(val_tokens):
                total += token_losses(model, window).sum()
            print(f"final_sliding val_bpb:{{(total / math.log(2.0)).item():.8f}}")
            raise SystemExit
{_CALIBRATED}
        print(f"final_sliding val_bpb:{{(total / math.log(2.0)).item():.8f}}")
        """,
        {"train_seed42.log": _AT_600},
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "the same within a reserve of 14 s",
        _CALIBRATED,
        {"train_seed42.log": _AT_600.replace("600078", "586090")},
    ),
    evaluation(
        "a reserve of half a second: too short, and accepted in several rows",
        _CALIBRATED,
        {"train_seed42.log": _AT_600.replace("600078", "599544")},
    ),
    evaluation(
        "training shards are only read while training",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


_RESERVE = 1.5  # seconds; no calibration in the corpus takes less, and clocks overshoot by less


def check(case: Case) -> Iterator[Finding]:
    """Calibration on training data after a training loop that used the whole clock."""
    if case.submission.track is Track.NON_RECORD:
        return
    runs = [run for run in case.program.late_training_runs() if run.hooked]
    if not runs:
        return
    places = tuple(at(run.place, "the model runs on training data") for run in runs)
    limit = case.edition.train_seconds * 1e3
    allowed = limit - _RESERVE * 1e3
    full = [log for log in case.submission.logs if log.train_ms and log.train_ms >= limit]
    close = [log for log in case.submission.logs if log.train_ms and log.train_ms >= allowed]
    timed = [log for log in case.submission.logs if log.train_ms]
    if full:
        log = full[0]
        stop = at(log.place(log.stop_line or 0), "training has used the clock")
        yield found(
            RULE,
            "Training data calibrates the model after training used the clock.",
            (stop, *places),
        )
    elif close:
        log = close[0]
        yield note(
            RULE,
            "Training stops just before the limit and training data calibrates the model then; "
            "rows that did so were accepted, yet the calibration belongs inside the 600 seconds.",
            (at(log.place(log.stop_line or 0), "what is left is the time to calibrate"), *places),
        )
    elif not timed:
        limits = case.program.clock_limits()
        message = "Training data calibrates the model after a loop that may use "
        if limits and min(limits) >= limit:
            yield found(RULE, f"{message}the whole clock.", places)
        elif limits and min(limits) >= allowed:
            yield note(RULE, f"{message}all of the clock but a second.", places)
        else:
            yield hold(RULE, "No log says when training stopped before this calibration.", places)

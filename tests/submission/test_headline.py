import dataclasses

import pytest

from pgolf_check.submission.facts import Claimed, EvalKind, EvalLine, Manifest, RunLog
from pgolf_check.submission.headline import choose_headline


def _claim(value):
    return Manifest("submission.json", val_bpb=Claimed(value, "val_bpb"))


def _log(seed, **scores):
    kinds = {"step": EvalKind.TRAINING, "sliding": EvalKind.SLIDING, "ttt": EvalKind.TTT}
    evals = tuple(
        EvalLine(line, label, kinds.get(label, EvalKind.ROUNDTRIP), value)
        for line, (label, value) in enumerate(scores.items(), 1)
    )
    return dataclasses.replace(RunLog(f"train_seed{seed}.log", ""), seed=seed, evals=evals)


LOGS = (
    _log(1, step=1.2, roundtrip=1.20, sliding=1.10, ttt=1.05),
    _log(2, step=1.2, roundtrip=1.22, sliding=1.12, ttt=1.07),
)


@pytest.mark.parametrize(
    ("claim", "kind", "per_seed"),
    [
        (1.06, EvalKind.TTT, ((1, 1.05), (2, 1.07))),
        (1.1103, EvalKind.SLIDING, ((1, 1.10), (2, 1.12))),
        (1.21, EvalKind.ROUNDTRIP, ((1, 1.20), (2, 1.22))),
        (1.05, EvalKind.TTT, ((1, 1.05),)),
    ],
)
def test_the_claim_selects_the_kind(claim, kind, per_seed):
    headline = choose_headline(_claim(claim), LOGS)
    assert (headline.supported, headline.kind, headline.per_seed) == (True, kind, per_seed)
    assert headline.val_bpb == claim


def test_a_claim_no_log_reports_is_unsupported():
    headline = choose_headline(_claim(0.99), LOGS)
    assert not headline.supported
    assert headline.kind is None
    assert headline.nearest == 1.05
    assert "unsupported by its logs" in headline.reason


def test_a_final_score_is_preferred_to_one_of_training():
    headline = choose_headline(_claim(1.2), (_log(1, step=1.2, roundtrip=1.2),))
    assert headline.kind is EvalKind.ROUNDTRIP


def test_without_a_claim_the_strongest_kind_speaks_but_nothing_supports_it():
    headline = choose_headline(None, LOGS)
    assert (headline.kind, headline.val_bpb, headline.supported) == (EvalKind.TTT, 1.06, False)


def test_a_claim_without_logs_stands_alone():
    headline = choose_headline(_claim(1.0), ())
    assert (headline.val_bpb, headline.supported) == (1.0, False)


def test_nothing_at_all():
    assert choose_headline(None, ()).val_bpb is None


def test_a_seed_that_was_run_again_counts_once():
    again = dataclasses.replace(_log(2, ttt=1.01), path="again_seed2.log")
    headline = choose_headline(_claim(1.03), (*LOGS, again))
    assert headline.per_seed == ((1, 1.05), (2, 1.01))

import json

import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.measure.handed_in import from_folder, pooled
from pgolf_check.measure.warnings import Doubt

SCORES = {42: 1.07928348, 0: 1.07996676, 1234: 1.08024795}
LOSS_PER_BPB = 2.58310


def _log(seed, score, code=50_000, extra="", short=False):
    loss = score * LOSS_PER_BPB
    digits = 4 if short else 8
    lines = [
        f"seed:{seed}",
        extra,
        "world_size:8 grad_accum_steps:1",
        "model_params:35945671",
        "step:1/20000 train_loss:6.9 train_time:44ms step_avg:44.00ms",
        "stopping_early: wallclock_cap train_time:600012ms step:5000/20000",
        f"Code size: {code} bytes",
        f"Total submission size int6+zstd: {15_000_000 + code} bytes",
        f"final_ttt val_loss:{loss:.{digits}f} val_bpb:{score:.{digits}f} eval_time:300000ms",
    ]
    if short:
        lines.append(f"final_ttt_exact val_loss:{loss:.8f} val_bpb:{score:.8f}")
    return "\n".join(line for line in lines if line) + "\n"


@pytest.fixture
def hand_in(tmp_path):
    def make(scores=SCORES, claims=None, logs=(), readme="# Small\n", **manifest):
        folder = tmp_path / f"2026-04-09_Small{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "train_gpt.py").write_text("print('train')\n")
        (folder / "README.md").write_text(readme)
        for name, text in (
            dict(logs).items()
            or {
                f"train_seed{seed}.log": _log(seed, score) for seed, score in scores.items()
            }.items()
        ):
            (folder / name).write_text(text)
        if claims is not None:
            manifest["seed_results"] = {str(s): {"val_bpb": v} for s, v in claims.items()}
        mean = sum(scores.values()) / len(scores)
        (folder / "submission.json").write_text(json.dumps({"val_bpb": mean, **manifest}))
        (found,) = from_folder(folder)
        return found

    return make


def _doubts(found):
    return [each.doubt for each in found.warned]


def test_seeds_that_logs_and_json_agree_on(hand_in):
    found = hand_in(claims=SCORES, date="2026-04-09T10:00:00Z")
    assert {seed.seed: seed.value for seed in found.sample.seeds} == SCORES
    assert found.sample.bytes_per_token == pytest.approx(3.7266, abs=1e-4)
    assert found.sample.logged
    assert str(found.day) == "2026-04-09"
    assert _doubts(found) == []


def test_the_digits_of_an_exact_line_are_preferred(hand_in):
    logs = {f"s{s}.log": _log(s, v, short=True) for s, v in SCORES.items()}
    found = hand_in(logs=logs)
    assert set(found.sample.values) == set(SCORES.values())


def test_a_seed_without_a_log(hand_in):
    logs = {f"train_seed{s}.log": _log(s, v) for s, v in SCORES.items() if s != 0}
    found = hand_in(claims=SCORES, logs=logs)
    assert len(found.sample.seeds) == 2
    assert _doubts(found) == [Doubt.SEED_WITHOUT_LOG]


def test_a_value_that_its_log_does_not_show(hand_in):
    found = hand_in(claims={**SCORES, 0: 1.07901234})
    assert set(found.sample.values) == set(SCORES.values())
    assert _doubts(found) == [Doubt.VALUE_DIFFERS]


def test_a_log_that_json_leaves_out_counts(hand_in):
    found = hand_in({**SCORES, 7: 1.0815}, claims=SCORES, val_bpb=1.08024)
    assert len(found.sample.seeds) == 4
    assert _doubts(found) == [Doubt.SEED_NOT_CLAIMED]


def test_a_second_run_of_a_seed_does_not_count(hand_in):
    logs = {f"train_seed{s}.log": _log(s, v) for s, v in SCORES.items()}
    logs["train_seed42_again.log"] = _log(42, 1.0797)
    found = hand_in(claims=SCORES, logs=logs)
    assert set(found.sample.values) == set(SCORES.values())
    assert _doubts(found) == [Doubt.DUPLICATE_SEED]


def test_a_copied_log_counts_once(hand_in):
    logs = {f"train_seed{s}.log": _log(s, v) for s, v in SCORES.items()}
    found = hand_in(claims=SCORES, logs={**logs, "train.log": logs["train_seed42.log"]})
    assert len(found.sample.seeds) == 3
    assert _doubts(found) == [Doubt.COPIED_LOG]


def test_a_log_of_another_seed_under_a_new_name(hand_in):
    logs = {f"train_seed{s}.log": _log(1337 if s == 0 else s, v) for s, v in SCORES.items()}
    found = hand_in(claims=SCORES, logs=logs)
    assert _doubts(found) == [Doubt.SEED_RENAMED]


def test_runs_of_different_settings_and_scripts(hand_in):
    logs = {
        f"s{s}.log": _log(s, v, 50_000 + s, f"Hyperparameters:\n  ttt_lr: {s}\n  run_id: {s}")
        for s, v in SCORES.items()
    }
    found = hand_in(claims=SCORES, logs=logs)
    assert _doubts(found) == [Doubt.MIXED_SETTINGS, Doubt.MIXED_SCRIPTS]
    assert "ttt_lr" in found.warned[0].message


def test_a_headline_that_is_the_best_seed(hand_in):
    found = hand_in(claims=SCORES, val_bpb=min(SCORES.values()))
    assert _doubts(found) == [Doubt.BEST_SEED]


def test_claims_alone_prove_nothing(hand_in):
    found = hand_in(claims=SCORES, logs={"notes.txt": "nothing here\n"})
    assert not found.sample.logged
    assert set(found.sample.values) == set(SCORES.values())


def test_a_waiver(hand_in):
    found = hand_in(claims=SCORES, readme="A systems-only speed-up, so the margin is waived.\n")
    assert _doubts(found) == [Doubt.WAIVER_CLAIMED]


def test_nothing_to_go_by(hand_in):
    with pytest.raises(PgolfError, match="no score"):
        hand_in(logs={"notes.txt": "nothing here\n"}, val_bpb=None)


def test_several_folders_as_one_system(hand_in):
    first, second = hand_in(claims=SCORES), hand_in({7: 1.0801, 8: 1.0802})
    both = pooled([first.sample, second.sample])
    assert both.summary.n == 5
    assert both.seeds[0].log.startswith(first.sample.name)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgolf_check.submission.facts import EvalKind, Stage
from pgolf_check.submission.logs import looks_like_log, read_log

SCRIPT = '''"""A small script.
==========================================================
"""
import os
import sys
from pathlib import Path
def main():
    print("val_bpb:9.9999 seed:99")
class Net:
    pass
if __name__ == "__main__":
    main()
'''
RULE = "=" * 100
HEADER = """Running Python 3.12.3 (main) [GCC 13.3.0]
Running PyTorch 2.9.1+cu128
|   0  NVIDIA H100 80GB HBM3          On  |   00000000:19:00.0 Off |
"""
BASELINE = """val_bpb:enabled tokenizer_kind=sentencepiece tokenizer_path=./data/t.model
train_loader:dataset:fineweb10B_sp1024 train_shards:80
val_loader:shards pattern=./data/fineweb_val_*.bin tokens:62021632
model_params:17059912
world_size:8 grad_accum_steps:1
tie_embeddings:True embed_lr:0.05 matrix_lr:0.04
seed:1337
warmup_step:1/20
step:0/20000 val_loss:6.9357 val_bpb:4.1077 train_time:0ms step_avg:0.01ms
step:1/20000 train_loss:6.9370 train_time:44ms step_avg:44.00ms
step:13780/20000 val_loss:2.06 val_bpb:1.2201 train_time:600038ms step_avg:43.54ms
stopping_early: wallclock_cap train_time:600038ms step:13780/20000
peak memory allocated: 10184 MiB reserved: 10200 MiB
Serialized model: 67224983 bytes
Code size: 47642 bytes
Total submission size: 67272625 bytes
gptq:collected 67 Hessians in 12.8s
Serialized model int8+zlib: 15815847 bytes (payload:17178912)
Total submission size int8+zlib: 15863489 bytes
final_int8_zlib_roundtrip val_loss:2.0727 val_bpb:1.2276 eval_time:1402ms
final_int8_zlib_roundtrip_exact val_loss:2.07269931 val_bpb:1.22755270
within_gate=9866847 word_gate=12 agree2plus=7
"""
MINIFIED = """Hyperparameters:
  matrix_lr: 0.026
  seed: 42
  train_files: ./data/fineweb_train_*.bin
  ttt_enabled: True
  world_size: 8
train_shards: 128
val_tokens: 40540160
model_params:35944536
0/20000 val_loss: 9.0047 val_bpb: 3.4860
1/20000 train_loss: 9.0060 train_time: 0.0m tok/s: 7887161
4598/20000 train_loss: 2.9 train_time: 9.8m tok/s: 6150000
4598/20000 val_loss: 2.8100 val_bpb: 1.0900
stopping_early: wallclock_cap train_time: 588040ms step: 4598/20000
Code size (uncompressed): 207577 bytes
Code size (compressed): 40445 bytes
Serialized model quantized+brotli: 15972119 bytes
Total submission size quantized+brotli: 15989120 bytes
pre-quantization post-ema val_loss:2.80657349 val_bpb:1.08651206 eval_time:7266ms
quantized_sliding_window val_loss:2.79241681 val_bpb:1.08103157 eval_time:119679ms
ttp: b777/782 bl:2.3044 bb:1.0799 rl:2.3044 rb:1.0799 dl:8452-9229 gd:0
quantized_ttt_phased val_loss:2.31260166 val_bpb:1.05676598 eval_time:473217ms
total_eval_time:600.2s
"""


def _log(text, path="train_seed1337.log"):
    log = read_log(path, text.encode(), "digest")
    assert log is not None
    return log


def _kinds(log):
    return {score.label: score.kind for score in log.evals}


def test_a_baseline_log():
    log = _log(SCRIPT + RULE + "\n" + HEADER + RULE + "\n" + BASELINE)
    assert log.source.text == SCRIPT
    assert (log.seed, log.world_size, log.gpu) == (1337, 8, "NVIDIA H100 80GB HBM3")
    assert (log.torch, log.python) == ("2.9.1+cu128", "3.12.3")
    assert (log.train_shards, log.val_tokens, log.model_params) == (80, 62021632, 17059912)
    assert log.val_path == "./data/fineweb_val_*.bin"
    assert (log.steps, log.planned_steps, log.step_ms) == (13780, 20000, 43.54)
    assert (log.stop_reason, log.train_ms) == ("wallclock_cap", 600038)
    assert (log.code_bytes, log.model_bytes, log.raw_model_bytes) == (47642, 15815847, 67224983)
    assert log.total_bytes == 15863489
    assert log.peak_mib == 10184
    assert log.complete
    assert not log.traceback
    assert log.counters["agree2plus"].value == "7"
    assert _kinds(log) == {
        "step": EvalKind.TRAINING,
        "final_int8_zlib_roundtrip": EvalKind.ROUNDTRIP,
        "final_int8_zlib_roundtrip_exact": EvalKind.ROUNDTRIP,
    }
    assert log.evals[-2].seconds == 1.402
    assert log.evals[-1].val_bpb == 1.2275527


def test_a_minified_log_in_minutes():
    log = _log(MINIFIED, "log.txt")
    assert (log.seed, log.world_size, log.train_shards) == (42, 8, 128)
    assert (log.train_ms, log.steps) == (588040, 4598)
    assert (log.code_bytes, log.total_bytes, log.eval_seconds_total) == (40445, 15989120, 600.2)
    assert log.hyperparameters["ttt_enabled"].value == "True"
    assert log.train_path == "./data/fineweb_train_*.bin"
    assert _kinds(log) == {
        "step": EvalKind.TRAINING,
        "pre-quantization post-ema": EvalKind.PREQUANT,
        "quantized_sliding_window": EvalKind.SLIDING,
        "quantized_ttt_phased": EvalKind.TTT,
    }


def test_minutes_are_the_training_time_where_nothing_else_is():
    text = MINIFIED.replace("stopping_early", "stopped")
    assert _log(text).train_ms == pytest.approx(588_000)


def test_calibration_after_the_clock_stopped_is_visible():
    stages = [(phase.stage, phase.seconds) for phase in _log(BASELINE).phases]
    train = stages.index((Stage.TRAIN, 600.038))
    assert stages.index((Stage.CALIBRATE, 12.8)) > train


@pytest.mark.parametrize(
    "prefix",
    ["[rank0]: ", "rank0: ", "[12:00:01] ", "2026-04-01 12:00:01,123 ", "\x1b[32m", "50%\r"],
)
def test_prefixes_are_stripped(prefix):
    text = "\n".join(prefix + line for line in BASELINE.splitlines())
    assert (_log(text).seed, _log(text).total_bytes) == (1337, 15863489)


def test_the_last_complete_run_speaks():
    second = BASELINE.replace("1.22755270", "1.11111111").replace("seed:1337", "seed:7")
    log = _log(HEADER + BASELINE + second)
    assert (log.runs, log.seed, log.evals[-1].val_bpb) == (2, 7, 1.11111111)
    assert log.torch == "2.9.1+cu128"
    cut = _log(BASELINE + second[: second.index("step:13780")], "log.txt")
    assert (cut.runs, cut.seed, cut.complete) == (1, 1337, True)


def test_running_values_are_not_final_ones():
    chunks = "".join(
        f"  ttt_chunk [{n}/1238] bpb={1 + n / 1e4:.6f} time=3.8s\n" for n in range(100)
    )
    log = _log(BASELINE + chunks + "legal_ttt_exact val_loss:1.8 val_bpb:1.00990000\n")
    kinds = {score.kind for score in log.evals if "chunk" in score.text}
    assert kinds == {EvalKind.RUNNING}
    assert log.evals[-1].kind is EvalKind.TTT
    assert sum("ttt_chunk" in line.text for line in log.notable) < 20


def test_notable_keeps_what_is_printed_once_and_no_step():
    log = _log(SCRIPT + RULE + "\n" + BASELINE + "n-gram table frozen\n")
    texts = [line.text for line in log.notable]
    assert "n-gram table frozen" in texts
    assert not any(text.startswith("step:") or "import os" in text for text in texts)


def test_notable_is_capped_and_keeps_both_ends():
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(4000)]
    log = _log(BASELINE + "\n".join(words))
    assert len(log.notable) == 1_500
    assert log.notable[-1].text == words[-1]


def test_line_numbers_are_those_of_the_file():
    log = _log(SCRIPT + RULE + "\n" + BASELINE)
    text = (SCRIPT + RULE + "\n" + BASELINE).split("\n")
    for line in log.notable:
        assert text[line.number - 1] == line.text
    assert "stopping_early" in log.place(log.stop_line).text


def test_a_script_with_an_overwritten_beginning_is_cut_but_not_kept():
    broken = (
        SCRIPT[SCRIPT.index("def main") :]
        + "@x\nclass A:\n    pass\nclass B:\n    pass\ndef c(): 0\n"
    )
    log = _log(broken + RULE + "\n" + BASELINE)
    assert log.source is None
    assert log.seed == 1337


def test_a_traceback_is_told():
    assert _log(BASELINE + "Traceback (most recent call last):\n  File x\n").traceback


@pytest.mark.parametrize("text", ["", "hello\n", "torch==2.9\nnumpy\n", SCRIPT])
def test_what_tells_of_no_run_is_no_log(text):
    assert read_log("x.txt", text.encode(), "") is None


@pytest.mark.parametrize("size", [",", "1,2,3", "٣", "9" * 15])
def test_odd_sizes_do_not_break_the_reader(size):
    read_log("x.log", f"Serialized model int8: {size} bytes\n{BASELINE}".encode(), "")


def test_names_of_logs():
    assert looks_like_log("logs/seed_1.log", 10)
    assert looks_like_log("train_seed42.txt", 10)
    assert not looks_like_log("requirements.txt", 10)
    assert not looks_like_log("train_gpt.py", 10)
    assert looks_like_log("train.log", 1 << 40)  # not to be read, and not to be passed over
    assert not looks_like_log("train.log", 0)


def test_a_log_from_powershell_is_utf_16():
    log = read_log("train.log", BASELINE.encode("utf-16"), "")
    assert log.seed == 1337


_PIECES = st.sampled_from(
    [
        *BASELINE.splitlines(),
        *MINIFIED.splitlines(),
        RULE,
        "import os",
        '"""',
        "\x1b[",
        "\r",
        "1/1 :",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=20), max_size=40))
def test_any_shuffle_of_lines_is_read(lines):
    read_log("x.log", "\n".join(lines).encode("utf-8", "surrogatepass"), "")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data):
    read_log("x.log", data, "")


@pytest.mark.parametrize(
    "piece", ["a=", "1/", "bpb", "val_bpb: ", "9", " ", "| 1 ", "=", "[rank0]: "]
)
def test_long_lines_cost_linear_time(piece):
    line = piece * (1_000_000 // len(piece))
    read_log("x.log", (line + "\n" + BASELINE).encode(), "")

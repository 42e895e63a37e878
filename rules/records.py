"""Logs, README and submission.json of a small record, for examples that are about evidence."""

import json
import math

from pgolf_check.law import Example
from rules.official_text import official_text

SCRIPT = "import torch\n\nprint(torch.__version__)\n"
README = "# A small record\n\nTrained for ten minutes on 8xH100.\n"
TOKENS = 62_021_632
BPB = 1.1252


def record(
    title: str, files: dict[str, str], code: str = SCRIPT, outside: tuple[str, ...] = ()
) -> Example:
    """A folder with these files; README.md and submission.json are added unless given as ""."""
    around = {"README.md": README, "submission.json": manifest()}
    kept = {name: text for name, text in (around | files).items() if text}
    return Example(title, code, kept, outside=outside)


def manifest(**claims: object) -> str:
    """A submission.json."""
    table = {"author": "A. N. Author", "name": "Small", "date": "2026-04-01", "val_bpb": BPB}
    return json.dumps(table | claims, indent=2)


def train_log(
    seed: int = 42,
    *,
    bpb: float = BPB,
    bytes_factor: float = 1.0,
    val_tokens: int = TOKENS,
    world_size: int = 8,
    gpu: str = "",
    train_ms: int = 599_900,
    eval_ms: int = 120_000,
    code_bytes: int = 60_000,
    model_bytes: int = 15_800_000,
    mark: str = "",
) -> str:
    """A train log; the lines that begin with `mark` are those a finding must show."""
    per_token = official_text().bytes / TOKENS * bytes_factor
    loss = bpb * math.log(2) * per_token
    middle_loss = loss * 1.02
    lines = [
        f"seed:{seed}",
        f"world_size:{world_size} grad_accum_steps:1",
        *([f"gpu: {gpu}"] if gpu else []),
        f"val_loader:shards pattern=./data/fineweb_val_*.bin tokens:{val_tokens}",
        "step:1/20000 train_loss:6.9357 train_time:86ms step_avg:86.00ms",
        f"step:7000/20000 val_loss:{middle_loss:.4f} val_bpb:{bpb * 1.02:.4f} "
        f"train_time:{train_ms}ms step_avg:{train_ms / 7000:.2f}ms",
        f"stopping_early: wallclock_cap train_time:{train_ms}ms step:7000/20000",
        f"Serialized model int6+zlib: {model_bytes} bytes",
        f"Code size: {code_bytes} bytes",
        f"Total submission size int6+zlib: {model_bytes + code_bytes} bytes",
        f"final_int6_sliding_window_exact val_loss:{loss:.8f} val_bpb:{bpb:.8f} "
        f"eval_time:{eval_ms}ms",
    ]
    return "\n".join(f"{line}  # <-" if mark and line.startswith(mark) else line for line in lines)

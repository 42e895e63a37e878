"""The spellings under which people state the same thing in submission.json, likeliest first.

A dotted key leads into a nested object. A pattern is tried where no key holds a value.
"""

import re
from dataclasses import dataclass

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Spelling:
    """The keys of one canonical field."""

    keys: tuple[str, ...]
    pattern: re.Pattern[str] = _NEVER
    but: re.Pattern[str] = _NEVER  # keys the pattern must not take

    def matches(self, key: str) -> bool:
        """Whether the pattern takes this key."""
        return bool(self.pattern.search(key)) and not self.but.search(key)


def _spelling(*keys: str, pattern: str = "(?!)", but: str = "(?!)") -> Spelling:
    return Spelling(keys, re.compile(pattern, re.IGNORECASE), re.compile(but, re.IGNORECASE))


_OTHER_SCORE = (
    r"baseline|delta|std|gap|prior|sota|target|vs_|improve|gain|diff|min_|max_|best_|record|merged"
    r"|previous|threshold|ci_|_ci|p_value|var|cap\b|limit|note|sigma|retract|parent|control|cost"
    r"|drop|spread|reference|compar|energy|per_bpb|approach"
)
_NOT_YET_SCORED = r"pre_?quant|expect|predict|project|local|proxy|smoke|train"

VAL_BPB = _spelling(
    *("val_bpb", "mean_val_bpb", "val_bpb_mean", "val_bpb_3seed_mean", "val_bpb_exact"),
    *("results.val_bpb", "result.val_bpb", "results.mean_val_bpb", "results.val_bpb_mean"),
    *("results.mean.val_bpb", "metrics.val_bpb", "summary.val_bpb", "final_val_bpb"),
    *("mean_bpb", "bpb_mean", "bpb", "score"),
    pattern=r"(^|_)bpb(_|$)",
    but=f"{_OTHER_SCORE}|{_NOT_YET_SCORED}",
)
STOPGAP_BPB = _spelling(pattern=r"(^|_)bpb(_|$)", but=_OTHER_SCORE)  # better than no score
VAL_LOSS = _spelling(
    *("val_loss", "mean_val_loss", "val_loss_mean", "results.val_loss", "result.val_loss"),
    *("metrics.val_loss", "final_val_loss"),
)
VAL_BPB_STD = _spelling(
    *("val_bpb_std", "std_val_bpb", "std_bpb", "bpb_std", "results.val_bpb_std", "val_bpb.std"),
    pattern=r"bpb.*_std|std.*_bpb",
)
AUTHOR = _spelling(
    "author", "github_id", "authors", "github", "github_username", "github_handle", "submitter"
)
NAME = _spelling(
    "name", "title", "model_name", "submission_name", "run_name", "technique", "record_name"
)
DATE = _spelling("date", "submission_date", "submitted_at", "timestamp", "created_at", "run_date")
TRACK = _spelling("track", "submission_type", "status")
HARDWARE = _spelling(
    "hardware",
    "gpu",
    "gpu_type",
    "platform",
    "gpu_config",
    "gpus",
    *("training_hardware", "training.hardware", "hardware_used"),
)
BYTES_TOTAL = _spelling(
    *("bytes_total", "artifact_bytes", "artifact_bytes_max", "artifact_size_bytes"),
    *("artifact_bytes_mean", "total_bytes", "bytes_total_max", "total_submission_bytes"),
    *("total_artifact_bytes", "compressed_size_bytes", "submission_size_bytes", "artifact_size"),
    *("results.bytes_total", "results.artifact_bytes", "bytes_total_mean", "bytes"),
    *("compliance.artifact_bytes_max", "artifact_size_mb"),
    pattern=r"^(?:bytes_total|artifact(?:_size)?_bytes|total(?:_submission)?_(?:size_)?bytes)",
    but=r"limit|budget|margin|headroom|under|cap",
)
BYTES_CODE = _spelling(
    "bytes_code",
    "code_bytes",
    "code_size_bytes",
    "results.bytes_code",
    pattern="^bytes_code|code_bytes",
)
BYTES_MODEL = _spelling(
    *("bytes_model", "model_bytes", "model_size_bytes", "compressed_model_bytes"),
    pattern=r"^bytes_model|^model_bytes",
)
TRAIN_SECONDS = _spelling(
    *("wallclock_seconds", "train_time_seconds", "training_time_seconds", "train_seconds"),
    *("train_time_s", "train_wallclock_seconds", "train_time_ms", "train_time_seconds_max"),
    *("train_wallclock_ms_max", "compliance.train_time_max_s", "training.wallclock_seconds"),
    "training.train_time_seconds",
    pattern=r"wallclock|train(ing)?_time|train_s$",
    but=r"max|limit|cap|budget|eval|total|under",
)
EVAL_SECONDS = _spelling(
    *("eval_time_seconds", "eval_seconds", "eval_time_s", "eval_time_ms", "eval_time"),
    "compliance.eval_time_max_s",
    pattern=r"^(?:ttt_)?eval_?(?:time|seconds|s$)|^ttt_(?:eval_)?time",
    but=r"limit|cap|budget|under",
)
STEPS = _spelling(
    *("step_stop", "train_steps_mean", "steps", "training_steps", "train_steps", "num_steps"),
    *("step_stop_mean", "steps_mean", "results.steps", "steps_completed", "actual_steps"),
    *("total_steps", "mean_steps", "training.steps_completed"),
)
SEED_TABLES = (
    *("seed_results", "seeds", "per_seed", "val_bpb_seeds", "val_bpb_per_seed", "per_seed_val_bpb"),
    *("seed_bpbs", "seed_scores", "per_seed_results", "results_per_seed", "per_seed_bpb"),
    *("results.per_seed", "results.seeds", "results.seed_results", "seed_results.per_seed"),
    *("seeds_detail", "three_seed_results", "runs", "validation.seed_results", "val_bpb_by_seed"),
    "results",
)
SEED_COUNTS = ("num_seeds", "n_seeds", "seed_count", "compliance.n_seeds")
SEED_KEY = re.compile(r"^(?:seed|s|run)?_?(\d{1,10})$", re.IGNORECASE)

"""Run a local copy of the public baseline script, unchanged but for where it looks for a device.

python benchmarks/training/public.py TRAIN_GPT_PY          on CUDA: the script as it is
python benchmarks/training/public.py TRAIN_GPT_PY --cpu    the replacements below, no others
"""

import resource
import sys
from pathlib import Path

import torch

# The script speaks of CUDA only. Each text must occur in it: a changed script is not measured.
ON_CPU = (
    ("if not torch.cuda.is_available():", "if False:"),
    ('torch.device("cuda", local_rank)', 'torch.device("cpu")'),
    ('device_type="cuda"', 'device_type="cpu"'),
    ("enable_math_sdp(False)", "enable_math_sdp(True)"),
    ('["nvidia-smi"]', '["true"]'),
)


def peak_bytes(*_device: object) -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    path = Path(sys.argv[1])
    text = path.read_text(encoding="utf-8")
    if "--cpu" in sys.argv:
        for old, new in ON_CPU:
            if old not in text:
                raise SystemExit(f"{path}: not the public baseline script; it has no {old!r}")
            text = text.replace(old, new)
        torch.cuda.set_device = lambda device: None
        torch.cuda.synchronize = lambda *device: None
        torch.cuda.max_memory_allocated = torch.cuda.max_memory_reserved = peak_bytes
    namespace = {"__name__": "__main__", "__file__": str(path)}
    exec(compile(text, str(path), "exec"), namespace)


if __name__ == "__main__":
    main()

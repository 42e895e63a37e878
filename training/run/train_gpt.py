"""Train, pack and score this submission.

torchrun --standalone --nproc_per_node=8 train_gpt.py

The modules beside this file are the whole program; preset.toml is its configuration. Read from
the environment: SEED, DATA_PATH (a folder of fineweb_*.bin shards with tokenizer.model), OUT_DIR.
"""

import os
from pathlib import Path

from training.presets import read
from training.ranks import join, leave
from training.run.train import train

HERE = Path(__file__).resolve().parent


def main() -> None:
    """One run, from shards to a folder like this one."""
    ranks = join()
    try:
        train(
            read(HERE / "preset.toml", "submission"),
            Path(os.environ.get("DATA_PATH", "data")),
            Path(os.environ.get("OUT_DIR", "out")),
            seed=int(os.environ.get("SEED", "1337")),
            ranks=ranks,
        )
    finally:
        leave()


if __name__ == "__main__":
    main()

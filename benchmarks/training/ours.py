"""Run our baseline preset once: `ours.py DATA OUT DEVICE SEED SETTING...`."""

import sys
from pathlib import Path

from training.presets import load
from training.ranks import join, leave
from training.run.train import train


def main() -> None:
    data, out, device, seed, *settings = sys.argv[1:]
    ranks = join(device)
    train(load("baseline", settings), Path(data), Path(out), code={}, seed=int(seed), ranks=ranks)
    leave()


if __name__ == "__main__":
    main()

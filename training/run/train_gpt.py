"""The entry of a bundled system: from the contest's environment to a packed, scored model."""

import os
from pathlib import Path

from training.config import Preset
from training.data.dataset import open_dataset
from training.ranks import join, leave
from training.run.log import Log
from training.run.train import produce


def main() -> None:
    """Train, pack and score once; log and model go to OUT_DIR."""
    preset = Preset("submission")
    vocab, seed = preset.model.vocab, int(os.environ.get("SEED", "1337"))
    data = Path(os.environ.get("DATA_PATH", f"./data/datasets/fineweb10B_sp{vocab}"))
    tokenizer = Path(
        os.environ.get("TOKENIZER_PATH", f"./data/tokenizers/fineweb_{vocab}_bpe.model")
    )
    out = Path(os.environ.get("OUT_DIR", "."))
    run = os.environ.get("RUN_ID", f"train_seed{seed}")
    ranks = join(os.environ.get("DEVICE", ""))
    try:
        dataset = open_dataset(data, vocab, preset.evaluate.sequence, tokenizer)
        out.mkdir(parents=True, exist_ok=True)
        log = Log(out / f"{run}.log" if ranks.first else None, lambda line: print(line, flush=True))
        produce(preset, dataset, out, Path(__file__).stat().st_size, seed, ranks, log)
    finally:
        leave()


if __name__ == "__main__":
    main()

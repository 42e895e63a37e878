"""One run: train under the clock, average, quantise, pack, reload, score, write the folder."""

import platform
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from training.config import Preset
from training.counting import parameters
from training.data.dataset import Dataset, open_dataset
from training.errors import TrainingError
from training.evaluate.protocol import Score, tally
from training.evaluate.registry import EVALUATORS
from training.presets import dump
from training.quantise.plan import quantise
from training.ranks import Ranks
from training.run import checkpoint
from training.run.artifact import MODEL_FILE, load_model, packed
from training.run.clock import Clock
from training.run.folder import Author, Result, write_folder
from training.run.log import Log
from training.run.loop import Loop, Progress


def train(
    preset: Preset,
    data: Path,
    out: Path,
    *,
    code: Mapping[str, bytes],
    seed: int,
    ranks: Ranks,
    author: Author = Author(),  # noqa: B008 - frozen
    resume: bool = False,
    say: Callable[[str], None] = lambda text: print(text, flush=True),
    show: Callable[[Progress], None] = lambda progress: None,
) -> Result:
    """Train a preset and leave a submission folder at `out`, complete or not at all.

    `code` is the program as it will be handed in: counted, and laid beside the model.
    """
    if preset.data.micro_batches % ranks.size:
        raise TrainingError(
            f"{ranks.size} ranks do not divide data.micro_batches={preset.data.micro_batches}"
        )
    dataset = open_dataset(data, preset.model.vocab, preset.evaluate.sequence)
    work = _workplace(out, resume, ranks)
    log = Log(work / f"train_seed{seed}.log" if ranks.first else None, say)
    try:
        _settings(preset, log)
        code_bytes = sum(map(len, code.values()))
        result = produce(
            preset, dataset, work, code_bytes, seed, ranks, log, resume=resume, show=show
        )
        checkpoint.remove(work, ranks)
        if ranks.first:
            write_folder(work, preset, result, code, author)
            work.rename(out)
        ranks.wait()
    except OSError as error:
        raise TrainingError(f"{work}: cannot be written: {error.strerror or error}") from error
    finally:
        if ranks.first and work.exists() and not checkpoint.exists(work):
            shutil.rmtree(work, ignore_errors=True)  # nothing in it could be resumed
    return result


def evaluate(
    kind: str, model_file: Path, dataset: Dataset, preset: Preset, ranks: Ranks, clock: Clock
) -> tuple[str, Score, float]:
    """Score the packed model with one evaluator, loading included in its time."""
    label, evaluator = EVALUATORS[kind]
    before = clock.elapsed("evaluation")
    with clock.phase("evaluation"):
        model = load_model(model_file, preset.model, ranks)
        tokens = torch.from_numpy(dataset.validation)
        events = evaluator(model, tokens, preset.evaluate, ranks)
        score = tally(events, dataset.bytes_of, ranks)
    return label, score, clock.elapsed("evaluation") - before


def _workplace(out: Path, resume: bool, ranks: Ranks) -> Path:
    """The folder a run works in until it is complete."""
    work = out.with_name(out.name + ".partial")
    if out.exists():
        raise TrainingError(f"{out}: exists already. Choose another --out.")
    if resume != checkpoint.exists(work):
        cure = "Start without --resume." if resume else "Go on with --resume, or remove it."
        state = "has no checkpoint" if resume else "holds an unfinished run"
        raise TrainingError(f"{work}: {state}. {cure}")
    if ranks.first and not resume:
        shutil.rmtree(work, ignore_errors=True)  # left by a run that was killed
    ranks.wait()
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"{work}: cannot be made: {error.strerror}") from error
    return work


def produce(
    preset: Preset,
    dataset: Dataset,
    work: Path,
    code_bytes: int,
    seed: int,
    ranks: Ranks,
    log: Log,
    *,
    resume: bool = False,
    show: Callable[[Progress], None] = lambda progress: None,
) -> Result:
    """Train, average, quantise, pack, and score what was packed."""
    clock = Clock(ranks.device)
    _announce(preset, dataset, seed, ranks, log)
    loop = Loop(preset, dataset, work, seed, ranks, clock, log, show)
    if resume:
        loop.restore()
    steps = loop.run()
    mean = loop.averages.load()
    if mean:
        log.line(f"weights averaged: {mean}")
        loop.validate(steps)
    with clock.phase("quantisation"):
        stored = quantise(loop.model.state_dict(), preset.quantise)
    with clock.phase("packing"):
        if ranks.first:
            (work / MODEL_FILE).write_bytes(packed(stored, preset).data)
    ranks.wait()
    model_bytes = (work / MODEL_FILE).stat().st_size
    if ranks.first:
        _sizes(loop, model_bytes, code_bytes, preset, log)
    scores = []
    for kind in preset.evaluate.kinds:
        label, score, seconds = evaluate(kind, work / MODEL_FILE, dataset, preset, ranks, clock)
        scores.append((label, score, seconds))
        log.score(label, score, seconds)
    for name, seconds in clock.seconds.items():
        log.line(f"phase:{name} time:{1000 * seconds:.0f}ms")
    eval_seconds = clock.seconds["evaluation"]
    log.line(f"total_eval_time:{eval_seconds:.1f}s")
    if preset.evaluate.seconds and eval_seconds > preset.evaluate.seconds:
        log.line(f"over budget: evaluation may take {preset.evaluate.seconds:.0f} s")
    return Result(
        seed,
        steps,
        clock.seconds["training"],
        eval_seconds,
        model_bytes,
        code_bytes,
        tuple(scores),
        loop.history,
    )


def _announce(preset: Preset, dataset: Dataset, seed: int, ranks: Ranks, log: Log) -> None:
    accumulate = preset.data.micro_batches // ranks.size
    for line in (
        f"Running Python {platform.python_version()}",
        f"Running PyTorch {torch.__version__}",
        f"train_loader:dataset:{dataset.folder.name} train_shards:{len(dataset.train)}",
        f"val_loader:shards pattern={dataset.folder.name}/fineweb_val_*.bin "
        f"tokens:{len(dataset.validation) - 1}",
        f"model_params:{parameters(preset.model)}",
        f"world_size:{ranks.size} grad_accum_steps:{accumulate}",
        f"seed:{seed}",
    ):
        log.line(line)


def _settings(preset: Preset, log: Log) -> None:
    log.line("Hyperparameters:")
    for name, value in _flat(dump(preset)).items():
        log.line(f"  {name.replace('.', '_')}: {value}")
    log.line("=" * 60)


def _flat(text: str) -> dict[str, str]:
    """Section and key of each plain value in a preset's TOML."""
    flat, section = {}, ""
    for line in text.splitlines():
        if line.startswith("["):
            section = "" if line.startswith("[[") else line.strip("[]")
        elif section and " = " in line:
            key, _, value = line.partition(" = ")
            flat[f"{section}.{key}"] = value.strip('"')
    return flat


def _sizes(loop: Loop, model_bytes: int, code_bytes: int, preset: Preset, log: Log) -> None:
    raw = sum(p.numel() * p.element_size() for p in loop.model.parameters())
    total = model_bytes + code_bytes
    log.line(f"Serialized model: {raw} bytes")
    log.line(f"Code size: {code_bytes} bytes")
    log.line(f"Serialized model packed: {model_bytes} bytes")
    log.line(f"Total submission size packed: {total} bytes")
    if total > preset.pack.cap_bytes:
        raise TrainingError(
            f"the submission takes {total:,} bytes, over the cap of {preset.pack.cap_bytes:,}. "
            "Use fewer bits or a smaller model."
        )

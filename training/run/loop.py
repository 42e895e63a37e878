"""The training loop: batches, gradients, steps, the clock, checkpoints."""

import copy
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.config import Preset
from training.counting import flops_per_token
from training.data.dataset import Dataset
from training.data.loaders import make_loader
from training.errors import TrainingError
from training.evaluate.plain import standard
from training.evaluate.protocol import tally
from training.model.gpt import Gpt, token_losses
from training.optim.averaging import Averages
from training.optim.groups import make_optimisers
from training.optim.muon import Muon
from training.optim.schedule import cap_seconds, lr_multiplier, momentum_at
from training.presets import dump
from training.ranks import Ranks
from training.run import checkpoint
from training.run.clock import Clock
from training.run.device import peak_flops, use_of
from training.run.log import Log


@dataclass(frozen=True)
class Progress:
    """What a live display shows."""

    step: int
    steps: int
    loss: float
    seconds: float
    cap: float
    tokens_per_second: float
    mfu: float | None  # None where the device's peak is not known
    bpb: float | None  # of the last validation


class Loop:
    """Everything that changes during training, and how one step changes it."""

    def __init__(
        self,
        preset: Preset,
        dataset: Dataset,
        work: Path,
        seed: int,
        ranks: Ranks,
        clock: Clock,
        log: Log,
        show: Callable[[Progress], None],
    ) -> None:
        torch.manual_seed(seed)  # the same weights on every rank
        self.preset, self.dataset, self.work, self.seed = preset, dataset, work, seed
        self.ranks, self.clock, self.log, self.show = ranks, clock, log, show
        self.use = use_of(preset.machine, ranks.device)
        self.peak = peak_flops(ranks.device, self.use.bf16) * ranks.size
        self.model = Gpt(preset.model, qat_bits=preset.qat.bits).to(ranks.device)
        self.loss: Callable[[Tensor, Tensor], Tensor] = self._mean_loss
        if self.use.compiled:
            self.loss = torch.compile(self._mean_loss, dynamic=False, fullgraph=True)
        self.optimisers = make_optimisers(self.model, preset.optimiser, ranks, self.use.bf16)
        self.averages = Averages(preset.average, self.model)
        self.loader = make_loader(dataset.train, preset.data, ranks.rank, ranks.size, seed)
        self.step = 0
        self.bpb: float | None = None
        self.paces: list[torch.cuda.Event] = []
        self.history: list[tuple[int, float]] = []

    def run(self) -> int:
        """Train until the steps or the clock run out; the number of steps taken."""
        schedule = self.preset.schedule
        if self.step == 0:
            self._warm_up()
        cap, stopped = cap_seconds(schedule), False
        try:
            while self.step < schedule.steps and not stopped:
                stopped = self._stretch(cap)
                if stopped:
                    spent = 1000 * self.clock.elapsed("training")
                    self.log.line(
                        f"stopping_early: wallclock_cap train_time:{spent:.0f}ms "
                        f"step:{self.step}/{schedule.steps}"
                    )
                done = stopped or self.step == schedule.steps
                if done or self._due(schedule.validate_every):
                    self.validate(self.step)
                if not done and self._due(schedule.checkpoint_every):
                    self._save()
        finally:
            self.loader.close()
        if self.ranks.device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self.ranks.device) >> 20
            self.log.line(f"peak memory allocated: {peak} MiB")
        return self.step

    def validate(self, step: int) -> None:
        """Score the weights as they stand, outside the training clock."""
        with self.clock.phase("validation"):
            self.model.eval()
            tokens = torch.from_numpy(self.dataset.validation)
            events = standard(self.model, tokens, self.preset.evaluate, self.ranks)
            score = tally(events, self.dataset.bytes_of, self.ranks)
            self.model.train()
        self.bpb = score.bpb
        spent = self.clock.elapsed("training")
        self.log.validation(step, self.preset.schedule.steps, score, spent)

    def restore(self) -> None:
        """Continue where the newest checkpoint was taken."""
        state = checkpoint.load(self.work, self.ranks)
        if (state["preset"], state["seed"]) != (dump(self.preset), self.seed):
            raise TrainingError(f"{self.work}: the checkpoint is of another preset or seed")
        self._put(state)
        self.step = int(state["step"])
        self.history = [(int(step), float(loss)) for step, loss in state["history"]]
        self.clock.seconds = dict(state["seconds"])
        self.log.line(f"resumed at step:{self.step}")

    def _stretch(self, cap: float) -> bool:
        """Steps until something else is due; whether the clock has run out."""
        schedule = self.preset.schedule
        with self.clock.phase("training"):
            elapsed = self._elapsed()
            while True:
                loss = self._step(elapsed)
                elapsed = self._elapsed()
                stop = cap > 0 and elapsed >= cap
                if self.step <= 10 or stop or self._due(schedule.log_every):
                    self._report(loss, elapsed, cap)
                if (
                    stop
                    or self.step >= schedule.steps
                    or self._due(schedule.validate_every)
                    or self._due(schedule.checkpoint_every)
                ):
                    return stop

    def _elapsed(self) -> float:
        """Seconds of training, the same on all ranks, so that all decide the same by it."""
        self._keep_pace()
        return self.ranks.mean(self.clock.elapsed("training"))

    def _keep_pace(self) -> None:
        """Let the host queue one step ahead of the device and no more: its clock must be honest."""
        if self.ranks.device.type == "cuda":
            event = torch.cuda.Event()
            event.record()
            self.paces.append(event)
            if len(self.paces) > 1:
                self.paces.pop(0).synchronize()

    def _due(self, every: int) -> bool:
        return every > 0 and self.step % every == 0

    def _step(self, elapsed: float) -> Tensor:
        """One optimiser step over all micro-batches; the mean loss before it."""
        settings = self.preset.optimiser
        multiplier = lr_multiplier(self.preset.schedule, self.step, elapsed)
        self.model.set_rounding(self.preset.qat.bits > 0 and multiplier <= self.preset.qat.below)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["base_lr"] * multiplier
                if isinstance(optimiser, Muon):
                    group["momentum"] = momentum_at(settings, self.step)
        loss = self._gradients()
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        self.averages.update(self.step, multiplier)
        return loss

    def _gradients(self) -> Tensor:
        """The gradient of the mean loss over the global batch, equal on all ranks."""
        device, pieces = self.ranks.device, self.preset.data.micro_batches
        for parameter in self.model.parameters():
            parameter.grad = None
        total = torch.zeros((), device=device)
        for _ in range(pieces // self.ranks.size):
            batch = self.loader.next()
            inputs = torch.from_numpy(batch.inputs).to(device, non_blocking=True)
            targets = torch.from_numpy(batch.targets).to(device, non_blocking=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=self.use.bf16):
                loss = self.loss(inputs, targets) / pieces
            loss.backward()
            total += loss.detach()
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        self.ranks.sum_in_place([*gradients, total])
        return total

    def _mean_loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """(B, T), (B, T) -> (): what is compiled, loss included."""
        return token_losses(self.model(inputs), targets).mean()

    def _report(self, loss: Tensor, elapsed: float, cap: float) -> None:
        value, schedule = float(loss.item()), self.preset.schedule
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {self.step}. Lower the learning rates."
            )
        self.history.append((self.step, value))
        self.log.step(self.step, schedule.steps, value, elapsed)
        rate = self.step * self.preset.data.batch_tokens / max(elapsed, 1e-9)
        flops = flops_per_token(self.preset.model, self.preset.data.sequence) * rate
        mfu = flops / self.peak if self.peak else None
        self.show(Progress(self.step, schedule.steps, value, elapsed, cap, rate, mfu, self.bpb))

    def _warm_up(self) -> None:
        """Real steps that compile and allocate, then everything is as if they had not been."""
        count = self.preset.schedule.warmup_steps
        if not count:
            return
        before = copy.deepcopy(self._state())
        with self.clock.phase("warm-up"):
            for _ in range(count):
                self._step(0.0)
        self._put(before)
        self.step = 0

    def _state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "averages": self.averages.state(),
            "loader": json.dumps(self.loader.position),
        }

    def _put(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.averages.restore(state["averages"])
        self.loader.restore(json.loads(state["loader"]))

    def _save(self) -> None:
        with self.clock.phase("checkpoints"):
            state = self._state() | {
                "preset": dump(self.preset),
                "seed": self.seed,
                "step": self.step,
                "history": self.history,
                "seconds": dict(self.clock.seconds),
            }
            checkpoint.save(self.work, self.step, state, self.ranks)

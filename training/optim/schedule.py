"""Learning rate and momentum as functions of the step and of the clock."""

from training.config import Optimiser, Schedule


def cap_seconds(schedule: Schedule) -> float:
    """Seconds that training itself may take; 0 where there is no cap."""
    return max(schedule.seconds - schedule.reserve_seconds, 0.0) if schedule.seconds else 0.0


def lr_multiplier(schedule: Schedule, step: int, elapsed: float) -> float:
    """The factor on every base learning rate after `step` steps in `elapsed` seconds."""
    cap = cap_seconds(schedule)
    if schedule.warmdown_fraction > 0:
        done = max(elapsed / cap if cap else 0.0, step / schedule.steps)
        left = (1 - done) / schedule.warmdown_fraction
        return min(1.0, max(left, schedule.min_lr, 0.0))
    by_steps = (schedule.steps - step) / max(schedule.warmdown_steps, 1)
    if not cap or step == 0:
        return min(1.0, max(by_steps, schedule.min_lr)) if schedule.warmdown_steps else 1.0
    window = schedule.warmdown_steps * elapsed / step  # seconds the warm-down will take
    by_clock = max(cap - elapsed, 0.0) / window if window > 0 else 1.0
    return min(
        1.0, max(min(by_clock, by_steps) if schedule.warmdown_steps else 1.0, schedule.min_lr)
    )


def momentum_at(settings: Optimiser, step: int) -> float:
    """Muon's momentum, warmed up linearly."""
    share = min(step / settings.momentum_steps, 1.0) if settings.momentum_steps else 1.0
    return settings.momentum_start + share * (settings.momentum - settings.momentum_start)

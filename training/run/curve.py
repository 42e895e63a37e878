"""The loss curve as a small SVG."""

from collections.abc import Sequence


def loss_curve(points: Sequence[tuple[int, float]], title: str) -> str:
    """Training loss over steps."""
    width, height, left, top = 640, 320, 48, 28
    steps = [step for step, _ in points] or [0, 1]
    losses = [loss for _, loss in points] or [0.0, 1.0]
    low = min(losses)
    high = max(*losses, low + 1e-6)
    span = max(steps[-1] - steps[0], 1)

    def at(step: int, loss: float) -> str:
        x = left + (width - left - 12) * (step - steps[0]) / span
        y = top + (height - top - 28) * (high - loss) / (high - low)
        return f"{x:.1f},{y:.1f}"

    line = " ".join(at(step, loss) for step, loss in points)
    labels = "".join(
        f'<text x="{left - 6}" y="{at(steps[0], loss).split(",")[1]}" text-anchor="end">'
        f"{loss:.2f}</text>"
        for loss in (high, (high + low) / 2, low)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{left}" y="16" font-size="13">{title}</text>{labels}'
        f'<text x="{width - 12}" y="{height - 8}" text-anchor="end">step {steps[-1]}</text>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/></svg>\n'
    )

"""Parameters, FLOPs and bytes of a preset by arithmetic alone; nothing is allocated."""

import math
from fnmatch import fnmatch

from training.config import Model, Preset


def parameters(model: Model) -> int:
    """Trainable parameters."""
    d = model.width
    block = 2 * d * d + 2 * d * model.kv_width + 2 * d * model.hidden + 4 * d + model.heads
    return model.vocab * d + model.layers * block + (model.layers // 2) * d


def flops_per_token(model: Model, sequence: int) -> int:
    """Forward and backward FLOPs of one token; causal attention counts half."""
    d = model.width
    matrices = model.layers * (2 * d * d + 2 * d * model.kv_width + 2 * d * model.hidden)
    return 6 * (matrices + model.vocab * d) + 6 * model.layers * sequence * d


def artifact_estimate(preset: Preset) -> int:
    """Bytes of the model file: codes at their packed width, 92 % of it after coding."""
    model, total = preset.model, 0.0
    d = model.width
    shapes = [("embedding.weight", model.vocab, d)]
    for i in range(model.layers):
        shapes += [
            (f"blocks.{i}.attention.query.weight", d, d),
            (f"blocks.{i}.attention.key.weight", model.kv_width, d),
            (f"blocks.{i}.attention.value.weight", model.kv_width, d),
            (f"blocks.{i}.attention.out.weight", d, d),
            (f"blocks.{i}.mlp.up.weight", model.hidden, d),
            (f"blocks.{i}.mlp.down.weight", d, model.hidden),
        ]
    for name, rows, columns in shapes:
        rule = next(rule for rule in preset.quantise.rules if fnmatch(name, rule.match))
        bits = rule.bits - math.log2(rule.step)
        if rows * columns <= preset.quantise.small:
            bits = 16.0
        total += rows * columns * bits / 8 + (2 * rows if bits <= 8 else 0)
    vectors = parameters(model) - sum(rows * columns for _, rows, columns in shapes)
    return round(0.92 * total + 4 * vectors)

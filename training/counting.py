"""Parameters, FLOPs and bytes of a preset by arithmetic alone; nothing is allocated."""

import math
from fnmatch import fnmatch
from statistics import NormalDist

from training.config import Model, Preset, Rule

HALF_BITS = 13.7  # of a Gaussian fp16 value, high bytes apart from low ones, under zlib: measured
NARROW_LOSS = 0.19  # bits above entropy that zlib spends on a six-bit code: measured


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
    """Bytes of the model file, its matrices taken for Gaussian and its coder for a good one."""
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
        if rule.bits == 32:
            total += 32 * rows * columns
        elif rule.bits == 16 or rows * columns <= preset.quantise.small:
            total += HALF_BITS * rows * columns
        else:
            total += rows * (columns * _code_bits(rule, columns) + HALF_BITS)
    vectors = parameters(model) - sum(rows * columns for _, rows, columns in shapes)
    return round(total / 8 + 4 * vectors)


def _code_bits(rule: Rule, columns: int) -> float:
    """Entropy of a code where the row's largest of so many Gaussian values gets the top code."""
    top = 2 ** (rule.bits - 1) - 1
    largest = NormalDist().inv_cdf(1 - 0.5 / (columns + 1))  # in standard deviations
    entropy = math.log2(top / rule.step / largest * math.sqrt(2 * math.pi * math.e))
    narrow = rule.bits < 8 or rule.step > 1
    return min(entropy + NARROW_LOSS * narrow, rule.bits)

"""The three units people quote, and the way between them."""

import math
from enum import StrEnum

LN2 = math.log(2)
NATS_PER_BYTE = LN2  # in one bit per byte, whatever the tokenizer


class Unit(StrEnum):
    """What a score is measured in. The contest's table uses BPB, its rule says nats."""

    BPB = "bpb"
    NATS = "nats/token"


def nats_per_token(bytes_per_token: float) -> float:
    """How many nats per token one bit per byte is."""
    return LN2 * bytes_per_token


def bytes_per_token(val_loss: float, val_bpb: float) -> float:
    """What a log says of its tokenizer by printing both scores."""
    return val_loss / (val_bpb * LN2)


def factor(unit: Unit, wanted: Unit, bytes_each: float) -> float:
    """What a score in `unit` is multiplied with to be in the wanted one."""
    if unit is wanted:
        return 1.0
    scale = nats_per_token(bytes_each)
    return scale if wanted is Unit.NATS else 1 / scale

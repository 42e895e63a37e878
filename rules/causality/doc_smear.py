"""DOC-SMEAR: a gate that carries the end of one document into the start of the next."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found

RULE = Rule(
    id="DOC-SMEAR",
    title="A smear gate without a mask at document starts",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.CONTESTED, "Audits of PRs 1797 and 1902 against it; PR 1667 merged with it"),
    statement="Where documents are packed into one stream and attention keeps them apart, a gate "
    "that adds a part of the previous position lets the first token of a document see the last "
    "one of another.",
    remedy="Close the gate at document starts: multiply it by `input_ids != bos`.",
)

_NETWORK = """
import glob

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from flash_attn_interface import flash_attn_varlen_func


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(1024, 64)
        self.gate = nn.Linear(64, 1)

    def attend(self, x, ends):
        return flash_attn_varlen_func(x, x, x, cu_seqlens_q=ends, cu_seqlens_k=ends, causal=True)

    def forward(self, input_ids, targets, ends):
        x = self.embed(input_ids)
        gate = torch.sigmoid(self.gate(x[:, 1:])){mask}
        x = torch.cat([x[:, :1], x[:, 1:] + gate * x[:, :-1]], dim=1){mark}
        logits = self.attend(x, ends) @ self.embed.weight.T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())
"""

ILLEGAL = [
    Example("packed documents, open gate", _NETWORK.format(mask="", mark="  # <-")),
]

LEGAL = [
    Example(
        "the gate is closed where a document starts",
        _NETWORK.format(mask=" * (input_ids[:, 1:] != 1)[..., None]", mark=""),
    ),
    Example(
        "one stream, in which attention sees earlier documents as well",
        _NETWORK.format(mask="", mark="").replace("cu_seqlens_", "length_"),
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Open gates in networks that keep documents apart."""
    places = tuple(dict.fromkeys(case.program.unmasked_smears()))
    if places:
        yield found(
            RULE,
            "A position takes in the one before it, across the ends of packed documents.",
            tuple(at(place, "no mask at document starts") for place in places),
        )

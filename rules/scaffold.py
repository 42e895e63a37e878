"""The part of an evaluation that examples share: loading, a model, and the report of a score."""

from pgolf_check.law import Example

_BEFORE = """
import glob, math, os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(1024, 64)
        self.out = nn.Linear(64, 1024)

    def features(self, tokens):
        return F.rms_norm(self.embed(tokens), (64,))

    def head(self, hidden):
        return F.linear(hidden, self.out.weight)

    def forward_logits(self, tokens):
        return self.head(self.features(tokens))


def load(pattern):
    parts = [np.fromfile(name, dtype="<u2", offset=1024) for name in sorted(glob.glob(pattern))]
    return torch.from_numpy(np.concatenate(parts).astype(np.int64))


def windows(tokens, size=1024):
    for start in range(0, tokens.numel() - 1, size):
        yield tokens[start : start + size + 1]


def token_losses(net, window):
    logits = net.forward_logits(window[None, :-1])
    return F.cross_entropy(logits.flatten(0, 1), window[1:], reduction="none")


val_tokens = load("data/fineweb_val_*.bin")
train_tokens = load("data/fineweb_train_*.bin")
byte_lengths = torch.load("byte_lengths.pt")
model, second_model = Net(), Net()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
trainer = torch.optim.AdamW(model.parameters(), lr=1e-3)
total = torch.zeros(())
stride = 64


def train():
    for window in windows(train_tokens):
        token_losses(model, window).mean().backward()
        trainer.step()
        trainer.zero_grad()


if os.environ.get("TRAIN", "1") == "1":
    train()
"""

_AFTER = """
byte_count = byte_lengths[val_tokens[1:]].sum()
print(f"final val_bpb:{(total / math.log(2.0) / byte_count).item():.8f}")
"""


def evaluation(
    title: str,
    code: str,
    files: dict[str, str] | None = None,
    settings: dict[str, str] | None = None,
) -> Example:
    """An example that shows how validation tokens are scored, and nothing else."""
    return Example(title, code, files or {}, settings or {}, _BEFORE, _AFTER)


def reported(title: str, code: str) -> Example:
    """An example that prints its score itself."""
    return Example(title, code, before=_BEFORE)

"""VAL-NOTRAIN: the training loop may not read validation tokens."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found, hold
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="VAL-NOTRAIN",
    title="Trained on validation tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README; PRs 44 and 179"),
    statement="No validation data in training, in any form. The reported score must come from "
    "weights that never saw the split.",
    remedy="Train on fineweb_train_* shards only.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the loader of the training loop is given validation shards",
        """
        trainer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for window in windows(load("data/fineweb_val_*.bin")):
            token_losses(model, window).mean().backward()
            trainer.step()  # <-
            trainer.zero_grad()

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
        settings={"TRAIN": "0"},
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "both paths stand in one object of settings",
        """
        from types import SimpleNamespace

        paths = SimpleNamespace(fit="data/fineweb_train_*.bin", score="data/fineweb_val_*.bin")
        paths.stride = 64
        for window in windows(load(paths.fit)):
            token_losses(model, window).mean().backward()
            trainer.step()
            trainer.zero_grad()
        for window in windows(load(paths.score)):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
        settings={"TRAIN": "0"},
    ),
    evaluation(
        "training shards",
        """
        trainer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for window in windows(load("data/fineweb_train_*.bin")):
            token_losses(model, window).mean().backward()
            trainer.step()
            trainer.zero_grad()

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

UNDECIDED: list[Example] = [
    evaluation(
        "a validation in the midst of training learns what it has scored",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            token_losses(model, window).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        print(f"midway val_bpb:{total / math.log(2.0) / byte_lengths.sum()}")
        total.zero_()
        train()
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
        settings={"TRAIN": "0"},
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.TRAINED):
        yield found(
            RULE,
            "The training loop learns validation tokens that are scored later.",
            path.evidence(),
        )
    for path in case.program.paths(Leak.VALIDATED):
        yield hold(
            RULE,
            "A validation adapts the model after scoring, training goes on, and nothing was found "
            "that puts the weights back in between.",
            path.evidence(),
        )
        return

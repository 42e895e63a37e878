"""TTT-PREEVAL: no weight may learn a token before that token is scored."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-PREEVAL",
    title="Adapted on validation tokens before scoring them",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "Issue 402; PRs 152, 442, 462, 518, 595"),
    statement="Adapting on validation tokens and then scoring those tokens is training on the "
    "validation set. A token may be learnt only after its loss has entered the reported "
    "sum.",
    remedy="Score each chunk first, then adapt on it; report the sum of those first scores.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "several epochs over the stream, then the evaluation",
        """
        for epoch in range(3):
            for window in windows(val_tokens):
                loss = token_losses(model, window).mean()
                loss.backward()
                optimizer.step()  # <-

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "a first pass after which the weights are put back by name",
        """
        saved = {name: weight.detach().clone() for name, weight in model.named_parameters()}
        by_name = dict(model.named_parameters())
        for window in windows(val_tokens):
            token_losses(model, window).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            for name, weight in saved.items():
                by_name[name].copy_(weight)

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
    evaluation(
        "a first pass that puts the weights back under the condition under which it adapted",
        """
        saved = {name: weight.clone() for name, weight in model.state_dict().items()}
        adapts = byte_lengths.sum() > 0
        for window in windows(val_tokens):
            if adapts and window.numel() > 64:
                token_losses(model, window).mean().backward()
                optimizer.step()
                optimizer.zero_grad()
            if saved is not None and adapts and window.numel() > 64:
                model.load_state_dict(saved)

        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        """,
    ),
    evaluation(
        "each chunk is scored, then learnt",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
            for epoch in range(3):
                optimizer.zero_grad()
                token_losses(model, window).mean().backward()
                optimizer.step()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every proof that a reported score leaks in this way."""
    for path in case.program.paths(Leak.BEFORE_EVALUATION):
        yield found(
            RULE,
            "The model is adapted on validation tokens before they are scored.",
            path.evidence(),
        )

"""TTT-LASTEPOCH: a token is scored on its first visit, not on a later one."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, found
from pgolf_check.program.queries import Leak
from rules.scaffold import evaluation

RULE = Rule(
    id="TTT-LASTEPOCH",
    title="Score taken after learning the tokens",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 568, 596, 642"),
    statement="When adaptation visits a chunk more than once, only the loss of the first visit may "
    "enter the reported sum. Later visits see weights that have learnt those very tokens.",
    remedy="Add the loss to the total before the first optimizer step on the chunk; then run as "
    "many epochs as you like.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "the last of three epochs is what gets reported",
        """
        for window in windows(val_tokens):
            for epoch in range(3):
                loss = token_losses(model, window)
                if epoch == 2:
                    total += loss.detach().sum()
                optimizer.zero_grad()
                loss.mean().backward()
                optimizer.step()  # <-
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "two experts, weighed by what they scored before, adapt after each chunk",
        """
        log_weights = torch.zeros(2)
        for chunk in windows(val_tokens, 32768):
            for window in windows(chunk):
                with torch.no_grad():
                    losses = torch.stack(
                        [token_losses(model, window), token_losses(second_model, window)]
                    )
                weights = log_weights.softmax(0)
                total += -torch.logsumexp(-losses + torch.log(weights)[:, None], 0).sum()
                log_weights = log_weights - 0.1 * losses.mean(1)
            for window in windows(chunk):
                token_losses(model, window).mean().backward()
                optimizer.step()
        """,
    ),
    evaluation(
        "only the first epoch is reported",
        """
        for window in windows(val_tokens):
            for epoch in range(3):
                loss = token_losses(model, window)
                if epoch == 0:
                    total += loss.detach().sum()
                optimizer.zero_grad()
                loss.mean().backward()
                optimizer.step()
        """,
    ),
    evaluation(
        "scored once, then three epochs",
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
    for path in case.program.paths(Leak.LATER_VISIT):
        yield found(
            RULE,
            "Tokens are scored on a visit that follows a learning step on the same tokens.",
            path.evidence(),
        )

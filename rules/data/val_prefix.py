"""VAL-PREFIX: validation tokens may not travel in the artifact."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="VAL-PREFIX",
    title="Validation tokens stored with the model",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "README; PRs 168 and 262"),
    statement="Tokens of the validation text that come with the artifact and decide what the same "
    "tokens cost are no prediction, even if their bytes are paid for.",
    remedy="Score every token with the model alone, and leave the text out of the artifact.",
)

_LOSSES = """
        memorised = torch.from_numpy(np.frombuffer(open("memory.xz", "rb").read(), dtype="<u2"))
        size = 1024
        for start in range(0, val_tokens.numel() - 1, size):
            window = val_tokens[start : start + size + 1]
            with torch.no_grad():
                losses = token_losses(model, window)
"""

ILLEGAL: list[Example] = [
    evaluation(
        "a token that was stored costs nothing",
        f"""{_LOSSES}
            known = memorised[start : start + size] == window[1:]  # <-
            losses[known] = 0.0
            total += losses.sum()
        """,
    ),
    evaluation(
        "the loss is multiplied by whether the stored token is another",
        f"""{_LOSSES}
            wrong = torch.ne(window[1:], memorised[start : start + size])  # <-
            total += (losses * wrong.float()).sum()
        """,
    ),
    evaluation(
        "token by token, and the hits are skipped",
        f"""{_LOSSES}
            for place in range(size):
                if memorised[start + place] == window[1 + place]:  # <-
                    continue
                total += losses[place]
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "a stored token that marks where documents begin",
        f"""
        boundary = torch.from_numpy(np.load("special.npy"))[0]
{_LOSSES}
            begins = window[1:] == boundary
            total += torch.where(begins, losses, losses).sum()
        """,
    ),
    evaluation(
        "a stored table of what follows what, looked up by the token before",
        f"""
        follows = torch.from_numpy(np.load("bigrams.npy"))
{_LOSSES}
            likely = follows[window[:-1]] == window[:-1]
            total += (losses + 0.0 * likely.float()).sum()
        """,
    ),
    evaluation(
        "stored tokens are compared, and only the share of hits is printed",
        f"""{_LOSSES}
            known = memorised[start : start + size] == window[1:]
            print(f"seen before: {{known.float().mean().item():.3f}}")
            total += losses.sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Every comparison of scored tokens with stored ones that reaches a reported score."""
    for match, report in case.program.matches():
        yield found(
            RULE,
            "Tokens that came with the model stand beside the tokens that are scored, and decide "
            "what those cost.",
            (at(match.place, match.source), at(report.place, "the score that comes of it")),
        )

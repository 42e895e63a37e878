"""MIX-HEDGE: every expert of a mixture must be a distribution over the vocabulary."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found
from rules.scaffold import evaluation

RULE = Rule(
    id="MIX-HEDGE",
    title="An entropy mixed in as if it were a loss",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "PRs 688, 745 (closed as unnormalised blending)"),
    statement="A mixture of experts is a distribution only if each expert is. An expert that "
    "answers exp(-entropy) for whatever token comes gives the same mass to every token, "
    "so its masses sum to more than one.",
    remedy="Mix softmax and smoothed count rows; use the entropy as a weight, never as an expert.",
)

ILLEGAL: list[Example] = [
    evaluation(
        "softmax, and exp(-H) for any token",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                logp = F.log_softmax(model.forward_logits(window[None, :-1]), dim=-1)
                nll = -logp.gather(2, window[None, 1:, None]).squeeze(2)
                entropy = -(logp.exp() * logp).sum(dim=-1)
                experts = torch.stack([nll, entropy])
                total += -torch.logsumexp(-experts + math.log(0.5), dim=0).sum()
        """,
    ),
]

LEGAL: list[Example] = [
    evaluation(
        "the entropy only sets the weight",
        """
        for window in windows(val_tokens):
            with torch.no_grad():
                one = torch.exp(-token_losses(model, window))
                other = torch.exp(-token_losses(second_model, window))
                total += -torch.log(0.5 * one + 0.5 * other).sum()
        """,
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Entropies that stand among losses in a reported mixture."""
    for report in case.program.entropy_experts():
        yield found(
            RULE,
            "An entropy takes part in the mixture as if it were the loss of an expert.",
            (at(report.place, "the mixture is reported here"),),
        )

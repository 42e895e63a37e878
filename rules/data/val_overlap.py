"""VAL-OVERLAP: no validation document may be among the training documents."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, found

RULE = Rule(
    id="VAL-OVERLAP",
    title="Training shards that hold validation documents",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "Issue 2127; PRs 2018 and 2130, excluded 2026-05-01"),
    statement="The first 50,000 documents are for validation, the rest for training. A local "
    "export of the case-folded dataset that keeps 10,000 of them aside trains on the other 40,000.",
    remedy="Export with 50,000 validation documents, or use the published shards.",
)

_DATASET = "caseops"
# The published export stops far below; only a local one of the whole corpus reaches this many.
_WHOLE_CORPUS = range(1_490, 1_520)

_LOG = """
            seed:42
            train_shards: {shards}
            val_loader:shards pattern=data/{name}/fineweb_val_*.bin tokens:47851520
            step:1000/1000 train_loss:2.1 train_time:590000ms step_avg:590.00ms
            final_sliding val_loss:2.3 val_bpb:1.05
            """


def _example(title: str, shards: int, name: str) -> Example:
    return Example(title, "", {"train_seed42.log": _LOG.format(shards=shards, name=name)})


ILLEGAL = [_example("a whole local export of the case-folded corpus", 1499, "sp8192_caseops")]

LEGAL = [
    _example("the published export", 80, "sp8192_caseops"),
    _example("many shards of the plain corpus", 195, "fineweb10B_sp1024"),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Logs that show the number of shards of a leaking export."""
    for log in case.submission.logs:
        named = f"{log.train_path or ''} {log.val_path or ''}".lower()
        if log.train_shards in _WHOLE_CORPUS and _DATASET in named:
            lines = [line for line in log.lines if str(log.train_shards) in line.text]
            shown = tuple(at(log.place(line.number), "the shards") for line in lines[:1])
            yield found(
                RULE,
                f"{log.train_shards} training shards of a case-folded export: only a local export "
                "that sets 10,000 validation documents aside has that many.",
                shown,
            )

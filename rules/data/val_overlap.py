"""VAL-OVERLAP: no validation document may be among the training documents."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Evidence, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, found, hold
from pgolf_check.submission.facts import RunLog
from rules.official_text import official_text
from rules.runs import together
from rules.scaffold import reported

RULE = Rule(
    id="VAL-OVERLAP",
    title="Training shards that hold validation documents",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.RULED, "Issue 2127; PRs 2018 and 2130, excluded 2026-05-01"),
    statement="The first 50,000 documents are for validation, the rest for training. A local "
    "export with lossless case operations (CaseOps) that keeps only 10,000 of them aside trains on "
    "the other 40,000.",
    remedy="Export with 50,000 validation documents, or use the published shards.",
)

# A local export writes shards of 10 million tokens. These are the counts that exports with 10,000
# validation documents have shown. The other 40,000 documents are 38 million tokens, so the same
# exports without the leak have 1495 and 1498: the count must be exact.
_LEAKING = (1499, 1502)
_CASEOPS_TOKENS = 47_851_520
_LARGE = 20_000_000  # tokens; the first 10,000 documents alone are fewer, and disjoint

_LOG = """
            seed:42
            train_shards: {shards}
            val_tokens: {tokens}
            step:1000/1000 train_loss:2.1 train_time:590000ms step_avg:590.00ms
            final_sliding val_loss:2.3 val_bpb:1.05
            """


def _example(title: str, shards: int, tokens: int = _CASEOPS_TOKENS) -> Example:
    log = _LOG.format(shards=shards, tokens=tokens)
    return Example(title, "", {"train_seed42.log": log})


ILLEGAL = [_example("a local export that kept 10,000 documents, scored on 50,000", 1499)]

LEGAL = [
    _example("the published export", 80),
    _example("a local export that kept 50,000 documents", 1495),
    _example("trained and scored on the two sides of 10,000 documents", 1502, 9_662_464),
    _example("as many shards of another tokenizer", 1499, 62_021_632),
]

UNDECIDED = [
    _example("as many shards of an encoding that is not known", 1499, 43_767_808),
    reported(
        "case operations, and no log that tells the shards",
        """
        val_bytes = load("data/fineweb_val_bytes_*.bin")
        for window in windows(val_tokens):
            with torch.no_grad():
                total += token_losses(model, window).sum()
        bits = total / math.log(2.0) / val_bytes[1:].sum()
        print(f"final val_bpb:{bits.item():.8f}")
        """,
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Logs that show the number of shards of a leaking export."""
    yield from together(_each(case))
    if not case.submission.logs and case.program.reads_sidecar():
        message = "Training shards with case operations are exported locally or downloaded; no log "
        yield hold(RULE, f"{message}tells which they were and how many.")


def _each(case: Case) -> Iterator[Finding]:
    for log in case.submission.logs:
        if log.train_shards not in _LEAKING:
            continue
        message = f"{log.train_shards:,} training shards, as of a local export that sets 10,000 "
        message += "validation documents aside"
        split = official_text().split(log.val_tokens)
        if split and split.tokens == _CASEOPS_TOKENS:
            yield found(RULE, f"{message}; 50,000 documents are scored.", (_shards(log),))
        elif split is None and (log.val_tokens is None or log.val_tokens > _LARGE):
            message += "; but the encoding of the validation tokens is not known."
            yield hold(RULE, message, (_shards(log),))


def _shards(log: RunLog) -> Evidence:
    stated = (line for line in (*log.lines, *log.notable) if "train_shards" in line.text)
    line = next((line for line in stated if str(log.train_shards) in line.text), None)
    place = Place(log.path, line.number, line.text) if line else Place(log.path)
    return at(place, "the training shards")

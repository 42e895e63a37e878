"""EVI-LOGSOURCE: the script that was handed in is the script that ran."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, hold, note
from pgolf_check.submission.facts import Source, Submission
from pgolf_check.submission.headline import logs_behind
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="EVI-LOGSOURCE",
    title="A log that recorded another script",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.NORM, "README: the script in the folder produces the logged score; #61"),
    statement="A log that begins with the script of its run must show the script that was handed "
    "in. Where it shows another, the score belongs to that other script, and both are judged.",
    remedy="Hand in the script that ran, or logs of the script that was handed in.",
)

_MANY = 100  # lines; fewer are edits of one program, more make it another

_BAR = "=" * 100


def _script(name: str, functions: int) -> str:
    """A script long enough to be told from another."""
    head = "import math\nimport torch\n\n"
    return head + "".join(
        f"def {name}_{n}(x):\n    return math.sqrt(x + {n})\n\n\n" for n in range(functions)
    )


ILLEGAL: list[Example] = []

LEGAL = [
    record(
        "the log recorded the very script",
        {"train_seed42.log": f"{_script('layer', 8)}{_BAR}\n{train_log()}"},
        code=_script("layer", 8),
    ),
]

UNDECIDED = [
    record(
        "the log recorded another script",
        {"train_seed42.log": f"{_script('memory', 60)}{_BAR}\n{train_log()}"},
        code=_script("layer", 8),
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """How far each recorded script is from what was handed in."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission = case.submission
    if submission.entry is None:
        return
    handed_in = (submission.entry, *submission.wrappers, *submission.modules)
    known = [_lines(source) for source in handed_in]
    for log in logs_behind(submission.headline, submission.logs) or submission.logs:
        if log.source is None:
            continue
        recorded = _lines(log.source)
        different = min(_difference(recorded, lines) for lines in known)
        if different and not _within(recorded, submission):
            say = hold if different > _MANY else note
            message = f"{different:,} lines of the recorded script differ from the submitted one."
            yield say(RULE, message, (at(Place(log.path, log.source.anchor), "recorded here"),))


def _lines(source: Source) -> Counter[str]:
    """The statements of a text, without blanks, comments and their order."""
    bare = (line.partition("#")[0].strip() for line in source.text.split("\n"))
    return Counter(line for line in bare if line)


def _difference(left: Counter[str], right: Counter[str]) -> int:
    return max((left - right).total(), (right - left).total())


def _within(recorded: Counter[str], submission: Submission) -> bool:
    """Whether every recorded line lies somewhere in what was handed in."""
    everything: Counter[str] = Counter()
    sources: Iterable[Source | None] = (
        submission.entry,
        *submission.wrappers,
        *submission.modules,
    )
    for source in sources:
        if source:
            everything += _lines(source)
    return not recorded - everything

"""FMT-READABLE: what the referee cannot read, it cannot clear."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, hold, note
from pgolf_check.submission.facts import Problem, ProblemKind

RULE = Rule(
    id="FMT-READABLE",
    title="Parts that could not be read",
    axis=Axis.LEGALITY,
    law=Law(LawStatus.NORM, "README, Submission Process: the script must be there to be checked"),
    statement="Every part of the program must be there in a form that can be read without running "
    "it: the entry script, the modules it imports, and what is packed inside it. A part that stays "
    "closed leaves the question of legality open; it never counts as clean.",
    remedy="Commit the missing or unpacked source beside the script.",
)

_CODE = frozenset({".py", ".c", ".cc", ".cpp", ".cu", ".cuh", ".h", ".rs", ".sh"})
_ALWAYS = (ProblemKind.UNPACKED, ProblemKind.UNPARSED, ProblemKind.NO_ENTRY)

ILLEGAL: list[Example] = []

LEGAL = [
    Example("a script in the open", "import torch\nprint(torch.__version__)\n"),
    Example(
        "a picture that is a broken file is no part of the program",
        "print('training')\n",
        files={"plot.png": "not a picture"},
    ),
]

UNDECIDED = [
    Example("there is no script at all", "", files={"README.md": "# Soon\n"}),
    Example("no parser accepts the script", "def train(:\n    pass\n"),
    Example(
        "the payload is made at run time",
        """
        import base64, lzma, os
        exec(lzma.decompress(base64.b85decode(os.environ["PAYLOAD"])))
        """,
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Every problem that reading met."""
    for problem in case.submission.problems:
        if problem.kind is ProblemKind.MALFORMED:
            continue
        say = hold if _closes_code(problem) else note
        yield say(RULE, problem.message, (at(problem.place),))


def _closes_code(problem: Problem) -> bool:
    if problem.kind in _ALWAYS:
        return True
    file = problem.place.file
    return not file or PurePosixPath(file).suffix.lower() in _CODE

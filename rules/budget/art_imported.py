"""ART-IMPORTED: local modules are code and count."""

from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus, Place
from pgolf_check.law import Example, Law, Rule, at, hold, note
from pgolf_check.submission.facts import RunLog, Submission
from pgolf_check.submission.headline import logs_behind
from rules.records import record, train_log
from rules.runs import together

RULE = Rule(
    id="ART-IMPORTED",
    title="Local modules left out of the count",
    axis=Axis.BUDGET,
    law=Law(
        LawStatus.UNRULED,
        "Follows from the README (counted code lives in train_gpt.py); no ruling of its own",
    ),
    statement="A module or a native source of the folder that the script needs is part of the "
    "code, and its bytes count like those of the script. Packages that everybody can install do "
    "not.",
    remedy="Add the bytes of the modules to the logged size, or fold them into train_gpt.py.",
)

_SCRIPT = "import experts\n\nprint(experts.ORDER)\n"
_MODULE = "ORDER = 3\n" + "".join(f"WEIGHT_{n} = {n}\n" for n in range(2_000))

ILLEGAL: list[Example] = []

LEGAL = [
    record(
        "the module is small and there is room",
        {"train_seed42.log": train_log(code_bytes=len(_SCRIPT)), "experts.py": "ORDER = 3\n"},
        code=_SCRIPT,
    ),
    record("a package that anybody can install", {"train_seed42.log": train_log()}),
]

UNDECIDED = [
    record(
        "with the module the submission is over",
        {
            "train_seed42.log": train_log(
                model_bytes=15_990_000, code_bytes=len(_SCRIPT), mark="Code"
            ),
            "experts.py": _MODULE,
        },
        code=_SCRIPT,
    ),
]


def check(case: Case) -> Iterator[Finding]:
    """Modules that the logged size leaves out."""
    yield from together(_each(case))


def _each(case: Case) -> Iterator[Finding]:
    submission, cap = case.submission, case.edition.size_cap_bytes
    names, extra = _beside(submission)
    if submission.entry is None or not extra:
        return
    own = _size(submission, submission.entry.path)
    for log in logs_behind(submission.headline, submission.logs) or submission.logs:
        if log.code_bytes != own or not log.total_bytes:
            continue  # counted with the modules, or in a way that the log does not explain
        together = log.total_bytes + extra
        over = log.total_bytes <= cap < together
        message = f"{extra:,} bytes of {names} are not in the logged size"
        message += f"; with them it is {together:,}." if over else "."
        shown = (at(_code_line(log), "counts the script alone"),)
        yield (hold if over else note)(RULE, message, shown)


def _beside(submission: Submission) -> tuple[str, int]:
    """The names and the bytes of what the script needs beside itself."""
    entry = submission.entry.path if submission.entry else ""
    sources = (*submission.modules, *submission.natives)
    paths = [path for path in dict.fromkeys(source.path for source in sources) if path != entry]
    names = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if paths[3:] else "")
    return names, sum(_size(submission, path) for path in paths)


def _size(submission: Submission, path: str) -> int:
    return next((entry.size for entry in submission.files if entry.path == path), 0)


def _code_line(log: RunLog) -> Place:
    for line in (*log.lines, *log.notable):
        if line.text.lower().lstrip().startswith("code size"):
            return Place(log.path, line.number, line.text)
    return Place(log.path)

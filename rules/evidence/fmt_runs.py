"""FMT-RUNS: the script runs from inside its folder."""

import ast
import re
import sys
from collections.abc import Iterator

from pgolf_check.case import Case
from pgolf_check.findings import Axis, Finding, LawStatus
from pgolf_check.law import Example, Law, Rule, at, note
from pgolf_check.submission.facts import Submission
from rules.records import record, train_log

RULE = Rule(
    id="FMT-RUNS",
    title="Imports that nothing in the folder provides",
    axis=Axis.EVIDENCE,
    law=Law(LawStatus.RULED, "README, Submission Process: it must compile and run in the folder"),
    statement="The script compiles and runs from inside its records folder. A package beyond those "
    "of the contest is named in the folder's requirements.txt. Reading cannot prove that a script "
    "runs, so this only warns.",
    remedy="Name the package in requirements.txt, or put the module into the folder.",
)

_PROVIDED = frozenset(
    {
        *("torch", "triton", "numpy", "sentencepiece", "tiktoken", "tqdm", "datasets", "kernels"),
        *("huggingface_hub", "setuptools", "typing_extensions"),
        *("flash_attn", "flash_attn_interface", "flash_attn_3"),
    }
)
_DISTRIBUTION = {"brotli": "brotli", "zstandard": "zstandard", "cv2": "opencv", "sklearn": "scikit"}
_INSTALLED = re.compile(r"pip3? install ([^\n;&|]{1,400})")

ILLEGAL: list[Example] = []

LEGAL = [
    record(
        "a package that requirements.txt names",
        {"train_seed42.log": train_log(), "requirements.txt": "zstandard>=0.23\n"},
        code="import torch\nimport zstandard\n\nprint(torch, zstandard)\n",
    ),
    record(
        "a module that lies in the folder",
        {"train_seed42.log": train_log(), "experts.py": "ORDER = 3\n"},
        code="import experts\n\nprint(experts.ORDER)\n",
    ),
    record(
        "an import that may fail and is provided for",
        {"train_seed42.log": train_log()},
        code="try:\n    import fancy\nexcept ImportError:\n    fancy = None\n",
    ),
    record(
        "a package that nothing names: worth a note",
        {"train_seed42.log": train_log()},
        code="import fewer_bytes\n\nprint(fewer_bytes)\n",
    ),
]

UNDECIDED: list[Example] = []


def check(case: Case) -> Iterator[Finding]:
    """Each package that is imported and comes from nowhere."""
    submission = case.submission
    entry = submission.entry
    tree = submission.trees.get((entry.path, entry.layer)) if entry else None
    if entry is None or tree is None:
        return
    here = {source.module.partition(".")[0] for source in submission.modules}
    here |= {path.path.removesuffix(".py") for path in submission.files}
    asked_for = _asked_for(submission)
    for name, line in _imported(tree).items():
        known = name in sys.stdlib_module_names or name in _PROVIDED or name in here
        if known or _DISTRIBUTION.get(name, name).lower().replace("_", "-") in asked_for:
            continue
        message = f"{name} is neither in the folder nor named in requirements.txt."
        yield note(RULE, message, (at(entry.place(line), "imported here"),))


def _imported(tree: ast.Module) -> dict[str, int]:
    """Top-level packages that must be there, each with the line of its first import."""
    found: dict[str, int] = {}
    pending: list[ast.AST] = list(reversed(tree.body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Try | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue  # may be provided for, or never be needed
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name.partition(".")[0], node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module.partition(".")[0], node.lineno)
        else:
            pending.extend(reversed(list(ast.iter_child_nodes(node))))
    return found


def _asked_for(submission: Submission) -> str:
    """What the folder says is to be installed."""
    parts = []
    for path, text in submission.texts.items():
        if path.endswith("requirements.txt"):
            parts.append(text)
        parts += [match[1] for match in _INSTALLED.finditer(text)]
    return "\n".join(parts).lower().replace("_", "-")

"""The import table of docs/architecture.md, held against the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEAVES = {"findings", "limits", "errors"}
MAY = {
    "findings": set(),
    "limits": set(),
    "errors": set(),
    "law": {"findings"},
    "editions": {"errors"},
    "minify": set(),
    "submission": LEAVES | {"minify"},
    "program": LEAVES | {"submission"},
    "page": set(),
    "audited": {"findings", "law", "submission"},
    "case": {"editions", "program", "submission"},
    "judge": LEAVES
    | {"law", "editions", "submission", "program", "case", "rules"}
    | {"audited", "page"},
    "measure": LEAVES | {"editions", "submission"},
    "worker": LEAVES | {"submission"},
    "fleet": LEAVES | {"worker", "submission", "editions", "judge", "report"},
    "report": LEAVES | {"law", "editions", "submission", "measure", "audited", "page"},
    "rules": {"law", "findings", "case", "program", "submission", "rules"},
    "bundle": {"errors", "minify"},
    "pack": LEAVES | {"minify", "submission"},
    "training": {"training"},
}


def modules():
    for package in ("pgolf_check", "rules", "training"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield pytest.param(path, id=str(path.relative_to(ROOT)))


def stage(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] != "pgolf_check" else parts[1]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            if parts[0] == "pgolf_check":
                yield parts[1] if len(parts) > 1 else "pgolf_check"
            elif parts[0] in ("rules", "training"):
                yield parts[0]


@pytest.mark.parametrize("path", list(modules()))
def test_arrows_go_one_way(path):
    own = stage(path)
    if own in ("commands", "cli", "__init__", "__main__"):
        return
    allowed = MAY[own] | {own, "pgolf_check"}
    assert set(imported(path)) <= allowed


def test_rules_ask_programs_through_one_door():
    for path in (ROOT / "rules").rglob("*.py"):
        text = path.read_text("utf-8")
        assert "pgolf_check.program." not in text.replace("pgolf_check.program.queries", "")


def test_help_needs_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys; import pgolf_check.cli; "
        "print(sorted({'torch', 'scipy', 'libcst', 'numpy', 'pygit2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

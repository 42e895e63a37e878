"""Rewrites that keep what a program does must keep the verdict: names, comments, order, packing."""

import ast
import base64
import builtins
import lzma
import textwrap

import pytest

from pgolf_check.judge.pipeline import audit
from pgolf_check.judge.registry import all_rules
from pgolf_check.submission.read import read_folder

FOLDERS = ("causality", "normalisation", "order", "data", "bytes", "budget")


def whole(example):
    return "\n".join(map(textwrap.dedent, (example.before, example.code, example.after)))


def cases():
    return [
        pytest.param(example, id=f"{entry.rule.id}-{kind}-{number}")
        for entry in all_rules()
        if entry.check.__module__.split(".")[1] in FOLDERS
        for kind in ("illegal", "legal")
        for number, example in enumerate(getattr(entry, kind), 1)
        if example.before
    ]


class Rename(ast.NodeTransformer):
    """Every name that the script itself binds, methods and parameters included."""

    def __init__(self, tree):
        bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and stored(n)}
        bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        bound -= {"__init__", "forward"} | set(dir(builtins))
        classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
        self.methods = {n.name for c in classes for n in c.body if isinstance(n, ast.FunctionDef)}
        self.names = {name: f"v{number}" for number, name in enumerate(sorted(bound))}

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if node.attr in self.methods:
            node.attr = self.names.get(node.attr, node.attr)
        return node

    def rename(self, node):
        self.generic_visit(node)
        node.name = self.names.get(node.name, node.name)
        return node

    visit_FunctionDef = rename  # noqa: N815
    visit_ClassDef = rename  # noqa: N815


def stored(node):
    return isinstance(node.ctx, ast.Store)


def renamed(source):
    tree = ast.parse(source)
    return {"train_gpt.py": ast.unparse(Rename(tree).visit(tree))}


def stripped(source):
    return {"train_gpt.py": ast.unparse(ast.parse(source))}


def reordered(source):
    tree = ast.parse(source)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    turned = iter(reversed(functions))
    tree.body = [next(turned) if n in functions else n for n in tree.body]
    return {"train_gpt.py": ast.unparse(tree)}


def packed(source):
    text = base64.b85encode(lzma.compress(source.encode())).decode()
    wrapper = f"import base64 as b, lzma as z\nexec(z.decompress(b.b85decode({text!r})))\n"
    return {"train_gpt.py": wrapper}


def moved(source):
    """Definitions go to a sibling module, imported by name."""
    tree = ast.parse(source)
    kinds = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    pure = {"load", "windows", "Net", "token_losses"}
    out = [n for n in tree.body if isinstance(n, kinds) and getattr(n, "name", "load") in pure]
    rest = [n for n in tree.body if n not in out or isinstance(n, ast.Import)]
    first = f"from parts import {', '.join(sorted(pure))}\n"
    return {
        "parts.py": ast.unparse(ast.Module(out, [])),
        "train_gpt.py": first + ast.unparse(ast.Module(rest, [])),
    }


def wrapped(source):
    """Everything that runs stands in a function called at the end."""
    tree = ast.parse(source)
    kinds = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    head = [n for n in tree.body if isinstance(n, kinds) and getattr(n, "name", "") != "train"]
    body = [n for n in tree.body if n not in head]
    lines = textwrap.indent(ast.unparse(ast.Module(body, [])), "    ")
    text = f"{ast.unparse(ast.Module(head, []))}\n\ndef main():\n{lines}\n\nmain()\n"
    return {"train_gpt.py": text}


REWRITES = (renamed, stripped, reordered, packed, moved, wrapped)


def judged(files, example, folder):
    logs = {name: textwrap.dedent(text) for name, text in example.files.items()}
    if example.settings:
        words = " ".join(f"{name}={value}" for name, value in example.settings.items())
        logs["README.md"] = f"```bash\n{words} torchrun --nproc_per_node=8 train_gpt.py\n```\n"
    folder.mkdir()
    for name, text in {**files, **logs}.items():
        (folder / name).write_text(text)
    (submission,) = read_folder(folder)
    found = audit(submission)
    code = {one.rule for one in found.findings if not one.rule.startswith(("FMT", "EVI", "ART"))}
    return found.verdicts["legality"], code


@pytest.mark.parametrize("example", cases())
@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_a_rewrite_keeps_the_verdict(rewrite, example, tmp_path):
    source = whole(example)
    before = judged({"train_gpt.py": source}, example, tmp_path / "before")
    after = judged(rewrite(source), example, tmp_path / "after")
    assert after == before

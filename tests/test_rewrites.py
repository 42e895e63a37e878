"""Rewrites that keep what a program does must keep the verdict.

Names, comments, order, packing, sibling modules, wrappers, helper calls, comprehensions.
"""

import ast
import base64
import builtins
import lzma
import textwrap

import pytest

from pgolf_check.bundle.bundle import bundle
from pgolf_check.bundle.library import ENTRY, library_sources
from pgolf_check.findings import Verdict
from pgolf_check.judge.pipeline import audit
from pgolf_check.judge.registry import all_rules
from pgolf_check.law import Example
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


class ThroughHelper(ast.NodeTransformer):
    """The sum of the score grows in a helper."""

    def visit_AugAssign(self, node):
        if not isinstance(node.target, ast.Name) or node.target.id != "total":
            return node
        old = ast.Name("total", ast.Load())
        call = ast.Call(ast.Name("grown", ast.Load()), [old, node.value], [])
        return ast.Assign([node.target], call)


def helped(source):
    tree = ThroughHelper().visit(ast.parse(source))
    helper = ast.parse("def grown(so_far, more):\n    return so_far + more\n").body
    return {
        "train_gpt.py": ast.unparse(ast.fix_missing_locations(ast.Module(helper + tree.body, [])))
    }


class AsComprehension(ast.NodeTransformer):
    """A loop that does nothing but add to the sum becomes the sum of a list."""

    def visit_For(self, node):
        self.generic_visit(node)
        inner = node.body[0]
        guarded = isinstance(inner, ast.With)
        grows = inner.body[0] if guarded else inner
        alone = len(node.body) == 1 and (not guarded or len(inner.body) == 1)
        if not alone or not isinstance(grows, ast.AugAssign) or not isinstance(grows.op, ast.Add):
            return node
        loop = ast.comprehension(node.target, node.iter, [], 0)
        grows.value = ast.Call(ast.Name("sum", ast.Load()), [ast.ListComp(grows.value, [loop])], [])
        return inner


def listed(source):
    tree = AsComprehension().visit(ast.parse(source))
    return {"train_gpt.py": ast.unparse(ast.fix_missing_locations(tree))}


REWRITES = (renamed, stripped, reordered, packed, moved, wrapped, helped, listed)


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


@pytest.fixture(scope="module")
def bundled():
    """A submission of the project's own: a script of 70 KB with two kinds of adaptation."""
    from training.presets import load

    return bundle(library_sources(), ENTRY, load("demo", ()))


@pytest.mark.parametrize(
    "rewrite", (stripped, packed, helped, listed), ids=lambda rewrite: rewrite.__name__
)
def test_a_rewrite_keeps_the_verdict_on_a_whole_submission(rewrite, bundled, tmp_path):
    log = "legal_ttt_exact val_loss:4.31301934 val_bpb:2.36802806 eval_time:12909ms\n"
    files = {"train_seed7.log": log, "submission.json": '{"val_bpb": 2.36802806}'}
    example = Example("the demo", bundled, files)
    before = judged({"train_gpt.py": bundled}, example, tmp_path / "before")
    assert before[0] is Verdict.CLEAN
    assert judged(rewrite(bundled), example, tmp_path / "after") == before

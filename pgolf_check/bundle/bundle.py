"""One preset, one script."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from pgolf_check.bundle.constants import settle
from pgolf_check.bundle.finish import check, plain_names, sorted_imports, spaced
from pgolf_check.bundle.merge import merge
from pgolf_check.bundle.rewrite import rewrite
from pgolf_check.bundle.shake import shake
from pgolf_check.errors import PgolfError


def bundle(sources: Mapping[str, str], entry: str, preset: Any) -> str:
    """The script that trains and scores `preset`, made of what `entry` reaches in `sources`."""
    merged = merge(sources, entry)
    text = settle(merged.text, preset)
    tree = ast.parse(text)
    decisions = shake(tree)
    text = rewrite(text, decisions)
    if ast.dump(ast.parse(text)) != ast.dump(tree):
        raise PgolfError("the text does not say what the tree says", where=preset.name)
    text = spaced(sorted_imports(plain_names(text, merged.renamed)))
    check(text)
    return _heading(preset.name, text) + text


def _heading(name: str, text: str) -> str:
    variables = sorted(set(re.findall(r'os\.environ\.get\(\s*"([A-Z_]+)"', text)))
    listed, line = [], "Read from the environment:"
    for variable in variables:
        if len(line) + len(variable) > 97:
            listed.append(line)
            line = ""
        line = f"{line} {variable},".lstrip()
    listed.append(line.rstrip(",") + ".")
    return (
        f'"""The {name} system of the Parameter Golf contest, whole.\n\n'
        "torchrun --standalone --nproc_per_node=8 train_gpt.py\n\n"
        + "\n".join(listed)
        + '\n"""\n\n'
    )

"""Packed scripts run like the originals and come back; what would not is refused."""

import ast
import subprocess
import sys

import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.pack.layers import innermost, layers
from pgolf_check.pack.pack import Packed, pack
from pgolf_check.pack.wrap import wrap
from pgolf_check.submission.precheck import decode

LONG = "".join(f"table_{n} = [{n}, {n * n % 97}]  # a comment\n" for n in range(120))
SCRIPT = f'''"""What it is for."""
import sys

{LONG}

def add(first: int, second: int) -> int:
    """A docstring."""
    total = first + second
    return total


if __name__ == "__main__":
    print(add(table_3[1], table_5[1]), sys.argv[1:], __doc__ is None)
'''
READS_ITSELF = SCRIPT + (
    "    from pathlib import Path\n"
    "    code = Path(__file__).read_text(encoding='utf-8')\n"
    "    print('bytes', len(code.encode()), code.startswith('import'))\n"
)


def packed(text):
    found = pack(text, "train_gpt.py")
    assert isinstance(found, Packed)
    return found


def run(data, folder):
    path = folder / "script.py"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-I", str(path), "an argument"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("codec", ["ASCII", "Latin-1"])
def test_a_packed_script_prints_the_same(tmp_path, codec):
    text = SCRIPT if codec == "Latin-1" else SCRIPT + "    open(__file__).close()\n"
    small = packed(text)
    assert small.data.isascii() == (codec == "ASCII")
    assert len(small.data) < len(small.minified) < len(text)
    assert run(small.data, tmp_path) == run(text.encode(), tmp_path)


def test_a_script_that_counts_its_bytes_counts_those_of_the_packed_file(tmp_path):
    small = packed(READS_ITSELF)
    assert f"bytes {len(small.data)} True" in run(small.data, tmp_path)


@pytest.mark.parametrize("text", [SCRIPT, READS_ITSELF])
def test_unpacking_gives_the_minified_script(text):
    small = packed(text)
    core = layers(decode(small.data), "train_gpt.py").core
    assert core.layer == 1
    assert ast.dump(ast.parse(core.text)) == ast.dump(ast.parse(small.minified))
    assert packed(decode(small.data)).data == small.data  # packing again changes nothing


def test_sizes_are_those_of_the_texts():
    small = packed(SCRIPT)
    sizes = dict(small.steps)
    assert sizes["source"] == len(SCRIPT.encode())
    assert sizes["layout"] == len(small.minified.encode())
    assert small.steps[-1][1] == len(small.data)


def test_a_short_script_is_not_wrapped():
    small = packed("import sys\n\nprint(sys.version)  # which\n")
    assert small.data == b"import sys;print(sys.version)"


@pytest.mark.parametrize("data", [bytes(range(256)) * 3, b"\0001\0\\'\"\r\n", b"'" * 9 + b'"'])
def test_any_bytes_survive_a_latin_1_literal(data):
    from pgolf_check.pack.wrap import _literal

    source = b"#coding:L1\nx=" + _literal(data).encode("latin-1") + b'.encode("L1")\n'
    space = {}
    exec(compile(source, "x", "exec"), space)
    assert space["x"] == data


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("exec('x = 1')", "runs code"),
        ("y = eval('1')", "evaluates code"),
        ("globals()['x'] = 1", "names of the module"),
        ("print(locals())", "local variables"),
        ("print(vars())", "local variables"),
        ("import inspect\nprint(inspect.getsource(print))", "looks into running code"),
        ("from inspect import signature", "looks into running code"),
        ("import sys\nsys._getframe()", "running frame"),
        ("print(f.__code__.co_varnames)", "compiled code"),
        ("import triton\n@triton.jit\ndef k(x): pass", "triton"),
        ("import torch\ntorch.jit.script(print)", "compiles from source"),
        ("import ast\nast.parse(open(__file__).read())", "perhaps its own"),
    ],
)
def test_what_would_change_is_refused_with_its_place(line, says):
    found = pack(f"{LONG}{line}\n", "train_gpt.py")
    assert isinstance(found, list)
    reason = next(reason for reason in found if says in reason.message)
    assert reason.line > 120
    assert reason.text in line


@pytest.mark.parametrize(
    "line",
    ["model.eval()", "re.compile('x')", "vars(args)", "getattr(a, 'name')", "print(f.__name__)"],
)
def test_what_does_not_change_is_not_refused(line):
    assert isinstance(pack(f"{LONG}{line}\n", "train_gpt.py"), Packed)


def test_a_wrapper_that_does_more_is_not_looked_through():
    inner = wrap(SCRIPT, plain=True).data.decode()
    assert innermost(inner, "t.py") == SCRIPT
    sets = f"import os\nos.environ['A'] = '1'\n{inner}"
    assert innermost(sets, "t.py") == sets
    assert isinstance(pack(sets, "t.py"), list)


@pytest.mark.parametrize("text", ["x = (", "(" * 5000, "\0"])
def test_what_is_no_script_is_one_line(text):
    with pytest.raises(PgolfError) as caught:
        pack(text, "train_gpt.py")
    assert "\n" not in str(caught.value)

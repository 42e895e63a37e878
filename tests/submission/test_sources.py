"""Which script runs, and what it reaches."""

import pytest

from pgolf_check.limits import Limits
from pgolf_check.submission.facts import ProblemKind
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.sources import discover
from pgolf_check.submission.tree import FolderTree

CODE = "import os\n" + "".join(f"x{n} = train({n})\n" for n in range(40))


def program(folder, files, limits=None):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with FolderTree(folder) as tree:
        return discover(tree, Trees(), limits or Limits())


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        (["train_gpt.py", "train_gpt_human.py", "prepare_data.py"], "train_gpt.py"),
        (["train_gpt_v5.py", "eval_x.py", "setup.py"], "train_gpt_v5.py"),
        (["submission.py", "test_submission.py"], "submission.py"),
        (["code/train_gpt.py", "prepare.py"], "code/train_gpt.py"),
        (["architectures.py", "train_gdn_7k.py"], "train_gdn_7k.py"),
        (["eval_only.py"], "eval_only.py"),
    ],
)
def test_the_likeliest_script_is_the_entry(tmp_path, files, entry):
    found = program(tmp_path, dict.fromkeys(files, CODE))
    assert found.entry is not None
    assert found.entry.path == entry
    assert found.problems == []


def test_an_empty_train_script_gives_way_to_a_real_one(tmp_path):
    found = program(tmp_path, {"train_gpt.py": "", "train_gpt_real.py": CODE})
    assert found.entry is not None
    assert found.entry.path == "train_gpt_real.py"


@pytest.mark.parametrize("files", [{}, {"README.md": "x"}, {"train_gpt.py": ""}])
def test_a_folder_without_a_script_says_so(tmp_path, files):
    found = program(tmp_path, files)
    assert found.entry is None
    assert [p.kind for p in found.problems] == [ProblemKind.NO_ENTRY]


@pytest.mark.parametrize(
    "launcher",
    [
        "import runpy\nrunpy.run_path('main_code.py', run_name='__main__')\n",
        "exec(open('main_code.py').read())\n",
        "import os, runpy\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
        "if __name__ == '__main__':\n    runpy.run_path(os.path.join(HERE, 'main_code.py'))\n",
        "import runpy, sys\ndef go(name):\n    runpy.run_path(name)\n"
        "def main():\n    if len(sys.argv) > 1:\n        go('helper.py')\n        return\n"
        "    if unknown():\n        return\n    go('main_code.py')\nmain()\n",
        "from pathlib import Path\nexec((Path(__file__).parent / 'main_code.py').read_text())\n",
    ],
)
def test_a_launcher_is_followed_to_the_code(tmp_path, launcher):
    found = program(tmp_path, {"train_gpt.py": launcher, "main_code.py": CODE})
    assert found.entry is not None
    assert found.entry.path == "main_code.py"
    assert [wrapper.path for wrapper in found.wrappers] == ["train_gpt.py"]


def test_a_launcher_of_a_file_elsewhere_is_reported(tmp_path):
    launcher = "import runpy\nrunpy.run_path('../other/train_gpt.py')\n"
    found = program(tmp_path, {"train_gpt.py": launcher})
    assert found.problems[0].kind is ProblemKind.UNREADABLE


def test_launchers_in_a_circle_end(tmp_path):
    files = {
        "train_gpt.py": "import runpy\nrunpy.run_path('train_b.py')\n",
        "train_b.py": "import runpy\nrunpy.run_path('train_gpt.py')\n",
    }
    assert program(tmp_path, files).entry is not None


def test_modules_are_followed_through_every_kind_of_import(tmp_path):
    entry = CODE + (
        "import one\nfrom package.two import f\nfrom package import three\n"
        "def late():\n    import flash_attn_interface\n"
        "import subprocess\nsubprocess.run(['python', 'worker.py'])\n"
    )
    found = program(
        tmp_path,
        {
            "train_gpt.py": entry,
            "one.py": "import four\n",
            "four.py": "import one\n",
            "package/__init__.py": "from . import five\n",
            "package/two.py": "from .six import g\n",
            "package/three.py": "",
            "package/five.py": "",
            "package/six.py": "",
            "flash_attn_interface.py": "",
            "worker.py": "",
            "unused.py": "",
        },
    )
    assert {(m.path, m.module) for m in found.modules} == {
        ("one.py", "one"),
        ("four.py", "four"),
        ("package/__init__.py", "package"),
        ("package/two.py", "package.two"),
        ("package/three.py", "package.three"),
        ("package/five.py", "package.five"),
        ("package/six.py", "package.six"),
        ("flash_attn_interface.py", "flash_attn_interface"),
        ("worker.py", ""),
    }


def test_a_short_script_that_imports_the_rest_is_the_entry(tmp_path):
    stub = (
        "from pathlib import Path\nimport sys\n"
        "sys.path.insert(0, str(Path(__file__).parent / 'vendor'))\n"
        "from golfer.cli import main\nmain()\n"
    )
    files = {"vendor/golfer/__init__.py": "", "vendor/golfer/cli.py": CODE, "train_b.py": CODE}
    found = program(tmp_path, {"train_gpt.py": stub, **files})
    assert found.entry is not None
    assert found.entry.path == "train_gpt.py"
    assert [(m.path, m.module) for m in found.modules] == [
        ("vendor/golfer/__init__.py", "golfer"),
        ("vendor/golfer/cli.py", "golfer.cli"),
    ]


def test_native_sources_count_where_something_names_them(tmp_path):
    found = program(
        tmp_path,
        {
            "train_gpt.py": CODE + "import ctypes\nlib = ctypes.CDLL('ngram.so')\n",
            "ngram.c": "int x;",
            "build.sh": "nvcc kernel.cu",
            "kernel.cu": "int y;",
            "stray.cpp": "int z;",
        },
    )
    assert [native.path for native in found.natives] == ["kernel.cu", "ngram.c"]


def test_sources_beyond_the_limits_are_reported_not_read(tmp_path):
    files = {"train_gpt.py": CODE + "import big\nimport small\n", "big.py": "#" * 5000}
    found = program(tmp_path, files, Limits(source_bytes=2000))
    assert found.modules == []
    assert [p.kind for p in found.problems] == [ProblemKind.UNREADABLE]
    found = program(tmp_path, files, Limits(all_source_bytes=3000))
    assert [p.kind for p in found.problems] == [ProblemKind.HOSTILE]


def test_every_source_that_does_not_parse_is_named(tmp_path):
    found = program(tmp_path, {"train_gpt.py": CODE + "import m\n", "m.py": "x = = 1\n"})
    assert [(p.kind, str(p.place)) for p in found.problems] == [(ProblemKind.UNPARSED, "m.py:1")]


@pytest.mark.parametrize("data", [b"x = 1\0" * 99, "x = 1".encode("utf-16"), b"# \xff\xfe" * 99])
def test_bytes_that_are_no_text_are_named(tmp_path, data):
    found = program(tmp_path, {"train_gpt.py": data})
    assert found.entry is None
    assert found.problems[0].kind is ProblemKind.UNPARSED

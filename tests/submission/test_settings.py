import ast
import dataclasses
from types import MappingProxyType

import pytest

from pgolf_check.submission.code_settings import code_settings
from pgolf_check.submission.facts import (
    LoggedValue,
    RunLog,
    SettingSource,
    Source,
    SourceRole,
)
from pgolf_check.submission.run_commands import run_commands
from pgolf_check.submission.settings import read_settings

CLASS = """
import os
class Hyperparameters:
    ttt_enabled = bool(int(os.environ.get("TTT_ENABLED", "0")))
    matrix_lr = float(os.environ.get("MATRIX_LR", 0.04))
    layers = 11
"""


def _source(code, path="train_gpt.py", layer=0):
    return Source(path, code, SourceRole.ENTRY, layer=layer)


def _code(code):
    return code_settings(_source(code), ast.parse(code))


def _settings(code, *, logs=(), texts=None, wrapper=""):
    entry = _source(code, layer=1 if wrapper else 0)
    trees = {(entry.path, entry.layer): ast.parse(code)}
    wrappers = ()
    if wrapper:
        wrappers = (_source(wrapper),)
        trees[(entry.path, 0)] = ast.parse(wrapper)
    return read_settings(entry, wrappers, (), trees, tuple(logs), texts or {})


def _log(path="train_seed1.log", dump=None, counters=None):
    def values(table):
        return MappingProxyType({k: LoggedValue(v, 1) for k, v in (table or {}).items()})

    log = RunLog(path, "", complete=True)
    return dataclasses.replace(log, hyperparameters=values(dump), counters=values(counters))


@pytest.mark.parametrize(
    ("code", "name", "attribute", "default"),
    [
        ('import os\nx = os.environ.get("A", "1")', "A", "x", "1"),
        ('import os\nx = os.getenv("A", 2.5)', "A", "x", "2.5"),
        ('import os\nx = os.environ["A"]', "A", "x", None),
        ('import os\nx = int(os.environ.get("A", str(3 * 1024)))', "A", "x", "3072"),
        ('import os\nx = os.environ.get("A", "no").lower() in ("1", "yes")', "A", "x", "no"),
        ('from os import environ as e\nx = e.get("A", -1)', "A", "x", "-1"),
        ('import os\ng = os.environ.get\nx = int(g("A", 3))', "A", "x", "3"),
        (
            'import os\ndef _int(n, d):\n    return int(os.environ.get(n, d))\nx = _int("A", 3)',
            *("A", "x", "3"),
        ),
        ('import os\nE = lambda n, d: os.environ.get(n, d)\nx = E("A", 3)', "A", "x", "3"),
        ('import os\nclass C:\n    def f(s):\n        s.x = os.environ.get("A")', "A", "x", None),
        ('import os\ncfg = dict(x=bool(int(os.environ.get("A", "1"))))', "A", "x", "1"),
        ('import os\ncfg = {"x": os.environ.get("A", "1")}', "A", "x", "1"),
        (
            'import os\nclass C:\n    x: int = field(default_factory=lambda: os.getenv("A", 1))',
            *("A", "x", "1"),
        ),
        ('import os\nif os.environ.get("A", "0") == "1":\n    pass', "A", "", "0"),
        ('p.add_argument("-a", "--use-a", action="store_true")', "use_a", "use_a", "False"),
        ('p.add_argument("--a", type=int, default=7)', "a", "a", "7"),
    ],
)
def test_how_code_reads_a_setting(code, name, attribute, default):
    (read,) = _code(code).reads
    assert (read.name, read.attribute, read.default) == (name, attribute, default)
    assert name.split("_")[-1] in read.place.text


def test_constants_at_the_top_and_in_classes_only():
    code = "A = 1\nclass C:\n    b: float = 0.5\n    c = (1, 2)\ndef f():\n    d = 3\nA = 2\n"
    assert [(c.name, c.value) for c in _code(code).constants] == [
        *(("A", "1"), ("b", "0.5"), ("c", "1,2"), ("A", "2"))
    ]


def test_presets_tell_what_overrides_the_command():
    code = (
        'import os\nos.environ.setdefault("A", "1")\nos.environ["B"] = "2"\n'
        'os.environ.update({"C": "3"}, D="4")\n'
    )
    presets = [(p.name, p.value, p.forced) for p in _code(code).presets]
    assert presets == [("A", "1", False), ("B", "2", True), ("D", "4", True), ("C", "3", True)]


def test_a_long_chain_of_statements_is_walked_without_recursion():
    code = "import os\n" + "if a:\n    pass\n" * 5000 + 'x = os.environ.get("A", "1")\n'
    assert len(_code(code).reads) == 1


@pytest.mark.parametrize("number", ["0x" + "f" * 100_000, "1 << 10**9", "2 ** 10**9"])
def test_huge_numbers_are_no_settings(number):
    assert _code(f"A = {number}").constants == ()


def test_the_default_speaks_where_nothing_else_does():
    settings = _settings(CLASS)
    assert settings.values("TTT_ENABLED") == ("0",)
    assert settings.values("layers") == ("11",)
    assert settings.values("NEVER_READ") == ()


def test_a_log_informs_the_variable_through_its_attribute():
    settings = _settings(CLASS, logs=[_log(dump={"ttt_enabled": "True"})])
    setting = settings.by_name["TTT_ENABLED"]
    assert [(v.value, v.source) for v in setting.values] == [
        ("True", SettingSource.LOG),
        ("0", SettingSource.DEFAULT),
    ]


def test_a_log_informs_outside_a_dump_as_well():
    logs = [_log(counters={"matrix_lr": "0.02,"})]
    assert _settings(CLASS, logs=logs).values("MATRIX_LR") == ("0.02",)


def test_logs_that_disagree_are_kept_in_their_order():
    logs = [_log("a.log", {"matrix_lr": "1"}), _log("b.log", {"matrix_lr": "2"})]
    assert _settings(CLASS, logs=logs).values("MATRIX_LR") == ("1", "2")


def test_an_ablation_does_not_speak_for_the_submission():
    logs = [
        _log("ablation_no_ttt.log", {"ttt_enabled": "False"}),
        _log("train_seed1.log", {"ttt_enabled": "True"}),
        _log("old/train_seed1.log", {"ttt_enabled": "False"}),
    ]
    assert _settings(CLASS, logs=logs).values("TTT_ENABLED") == ("True",)


README = """# Record
## Ablation without TTT
```bash
TTT_ENABLED=0 MATRIX_LR=0.03 torchrun --nproc_per_node=8 train_gpt.py
```
## Reproduce
```bash
export MATRIX_LR=0.02
for SEED in 1337 42; do
  SEED=$SEED TTT_ENABLED=1 \\
  torchrun --standalone --nproc_per_node=8 train_gpt.py
done
```
"""


def test_the_command_under_reproduce_is_the_one():
    settings = _settings(CLASS, texts={"README.md": README})
    assert settings.values("TTT_ENABLED") == ("1",)
    assert settings.values("MATRIX_LR") == ("0.02",)
    assert settings.by_name["TTT_ENABLED"].values[0].place.line == 10


def test_a_command_that_the_logs_contradict_gives_way():
    logs = [_log(dump={"matrix_lr": "0.03"})]
    settings = _settings(CLASS, logs=logs, texts={"README.md": README})
    assert settings.values("TTT_ENABLED") == ("0",)


def test_a_block_of_settings_stands_for_a_command_that_is_not_there():
    block = "## Configuration\n```bash\n# of every seed\nTTT_ENABLED=1\nMATRIX_LR=0.02\n```\n"
    settings = _settings(CLASS, texts={"README.md": block})
    assert settings.values("TTT_ENABLED") == ("1",)
    launch = "```\nMATRIX_LR=0.03 python train_gpt.py\n```\n"
    settings = _settings(CLASS, texts={"README.md": block + launch})
    assert settings.values("TTT_ENABLED") == ("0",)
    listing = "```\nTTT_ENABLED=1 of three\n```\n"
    assert _settings(CLASS, texts={"README.md": listing}).values("TTT_ENABLED") == ("0",)


def test_a_command_for_another_script_does_not_count():
    text = "```\nOTHER=1 python other.py\n```\n"
    assert _settings(CLASS, texts={"README.md": text}).values("TTT_ENABLED") == ("0",)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("TTT_ENABLED=1 python train_gpt.py", "1"),
        ("export TTT_ENABLED=${TTT_ENABLED:-1}\npython3 train_gpt.py", "1"),
        ("env TTT_ENABLED=1 torchrun train_gpt.py", "1"),
        ("X=1\nTTT_ENABLED=$X torchrun train_gpt.py", "1"),
        ("TTT_ENABLED=$(date) python train_gpt.py", "0"),
        ("# TTT_ENABLED=1 python train_gpt.py", "0"),
        ("echo TTT_ENABLED=1 python train_gpt.py > log", "0"),
        ("export TTT_ENABLED=1\n# the record\npython train_gpt.py", "1"),
        ("case $1 in\nsmoke)\nTTT_ENABLED=1 SEED=1 python train_gpt.py\n;;\nesac", "1"),
        (
            "echo Record\npython train_gpt.py\n# no TTT, for an ablation\nTTT_ENABLED=1 SEED=1 "
            "python train_gpt.py",
            "0",
        ),
    ],
)
def test_shell_scripts(script, expected):
    assert _settings(CLASS, texts={"run.sh": script}).values("TTT_ENABLED") == (expected,)


def test_flags_set_arguments():
    code = (
        'import argparse\np = argparse.ArgumentParser()\np.add_argument("--use-ttt", default="0")\n'
    )
    settings = _settings(code, texts={"run.sh": "python train_gpt.py --use-ttt 1"})
    assert settings.values("use_ttt") == ("1",)


def test_a_wrapper_sets_defaults_below_the_command_and_forces_above_it():
    texts = {"run.sh": "TTT_ENABLED=0 MATRIX_LR=0.9 python train_gpt.py"}
    wrapper = (
        'import os\nos.environ.setdefault("MATRIX_LR", "7")\nos.environ["TTT_ENABLED"] = "1"\n'
    )
    settings = _settings(CLASS, texts=texts, wrapper=wrapper)
    assert settings.values("MATRIX_LR") == ("0.9",)
    assert settings.values("TTT_ENABLED") == ("1",)
    assert _settings(CLASS, wrapper=wrapper).values("MATRIX_LR") == ("7",)


@pytest.mark.parametrize(
    "text", ["A=' \\", "$(", "for in", "```\nA=1 '", "\\\n" * 1000, "A=" * 9999]
)
def test_broken_shell_is_read_as_far_as_it_goes(text):
    run_commands({"a.sh": text, "README.md": "```\n" + text})

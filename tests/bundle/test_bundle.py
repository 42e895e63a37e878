"""A bundle is the library's run of that preset, to the last bit, and nothing else."""

import ast

import pytest

from pgolf_check.bundle.bundle import bundle
from pgolf_check.bundle.library import ENTRY, library_sources
from pgolf_check.pack.pack import Packed, pack
from training.ranks import Ranks
from training.run.log import Log
from training.run.train import train

PRESETS = ("mlp3x-qat-9l", "lora-ttt-9l", "demo")


@pytest.fixture(scope="module")
def bundled(tiny):
    sources = library_sources()
    return {name: bundle(sources, ENTRY, tiny(name)) for name in PRESETS}


@pytest.mark.parametrize("name", PRESETS)
def test_all_forms_of_a_bundle_give_the_library_s_numbers_and_model(
    name, bundled, tiny, shards, tmp_path, observed, script, monkeypatch
):
    for variable in ("SEED", "ITERATIONS", "MAX_WALLCLOCK_SECONDS", "VOCAB_SIZE", "RUN_ID"):
        monkeypatch.delenv(variable, raising=False)
    told = observed(Log)
    out = tmp_path / "library"
    train(tiny(name), shards, out, code={}, seed=7, ranks=Ranks(), say=lambda line: None)
    assert [label for label, _, _ in told].count("step") == 4
    packed = pack(bundled[name], "train_gpt.py")
    assert isinstance(packed, Packed)
    assert len(packed.data) < 20_000
    for form, text in (
        ("readable", bundled[name].encode()),
        ("minified", packed.minified.encode()),
        ("packed", packed.data),
    ):
        numbers, model = script(text, form)
        assert numbers == told, form
        assert model == (out / "model.pglf").read_bytes(), form


def test_only_what_the_preset_reaches_is_there(bundled):
    assert "Adapters" in bundled["lora-ttt-9l"]
    assert "fake_quantise" in bundled["mlp3x-qat-9l"]
    assert "ttt_sgd" in bundled["demo"]
    for name, absent in (
        ("lora-ttt-9l", ("fake_quantise", "ttt_sgd", "zstandard.ZstdCompressor", "pgolf_check")),
        ("mlp3x-qat-9l", ("Adapters", "ttt_sgd", "brotli.compress", "import training")),
        ("demo", ("Adapters", "fake_quantise", "Shuffled", "tomllib")),
    ):
        for word in absent:
            assert word not in bundled[name], (name, word)


def test_it_reads_like_a_program(bundled):
    for text in bundled.values():
        assert "  # (B, T, d)" in text  # comments stay
        assert max(map(len, text.split("\n"))) <= 120
        assert "\n\n\n\n" not in text
        names = [node.name for node in ast.parse(text).body if hasattr(node, "name")]
        assert len(names) == len(set(names))
        assert names[-1] == "main"


def test_the_environment_of_the_contest_is_honoured(bundled):
    text = bundled["mlp3x-qat-9l"]
    for variable in (
        "DATA_PATH",
        "TOKENIZER_PATH",
        "VOCAB_SIZE",
        "SEED",
        "RUN_ID",
        "ITERATIONS",
        "MAX_WALLCLOCK_SECONDS",
        "TRAIN_BATCH_TOKENS",
        "TRAIN_SEQ_LEN",
        "VAL_LOSS_EVERY",
    ):
        assert f'os.environ.get("{variable}"' in text

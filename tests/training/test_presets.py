"""Presets say what was published, and refuse what no run could use."""

import pytest
import torch

from training.config import Rule
from training.counting import _code_bits, artifact_estimate, flops_per_token, parameters
from training.errors import TrainingError
from training.model.gpt import Gpt
from training.pack.codecs import encode
from training.presets import dump, load, names, read
from training.quantise.rowwise import quantise_rows

LOGGED = {
    "baseline": 17_059_912,
    "fp16-embed": 16_765_000,
    "mixed-precision-10l": 18_897_488,
    "sliding-window": 17_059_912,
    "mixed-quant-sliding": 21_778_504,
    "mlp3x-qat-9l": 21_778_504,
    "lora-ttt-9l": 17_059_912,
}


@pytest.mark.parametrize(("name", "count"), LOGGED.items())
def test_parameters_equal_the_logged_count(name, count):
    preset = load(name)
    assert parameters(preset.model) == preset.reported.parameters == count
    with torch.device("meta"):
        model = Gpt(preset.model)
    assert sum(parameter.numel() for parameter in model.parameters()) == count


@pytest.mark.parametrize("name", names())
def test_a_dumped_preset_reads_back_the_same(name, tmp_path):
    preset = load(name)
    path = tmp_path / "preset.toml"
    path.write_text(dump(preset))
    assert read(path, name) == preset


@pytest.mark.parametrize("name", LOGGED)
def test_the_estimate_is_near_the_published_model_file(name):
    preset = load(name)
    published = preset.reported.artifact_bytes - 48_000  # the script counts there, about so much
    assert artifact_estimate(preset) == pytest.approx(published, rel=0.022)


@pytest.mark.parametrize(("bits", "step"), [(6, 1), (8, 1), (8, 4)])
def test_the_estimate_of_codes_is_what_gaussian_rows_take(bits, step):
    weights = torch.randn(256, 512, generator=torch.Generator().manual_seed(0))
    codes = quantise_rows(weights, bits, step=step).codes.numpy().tobytes()
    measured = 8 * len(encode("zlib", codes)) / len(codes)
    assert _code_bits(Rule("*", bits, step=step), 512) == pytest.approx(measured, rel=0.02)


def test_flops_of_the_baseline():
    assert flops_per_token(load("baseline").model, 1024) / 1e6 == pytest.approx(130.5, abs=0.1)


def test_settings_override_and_keep_their_type():
    preset = load("demo", ["optimiser.matrix_lr=1", "data.loader=shuffled", "schedule.steps=7"])
    assert preset.optimiser.matrix_lr == 1.0
    assert isinstance(preset.optimiser.matrix_lr, float)
    assert (preset.data.loader, preset.schedule.steps) == ("shuffled", 7)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("model.widht=3", "Did you mean 'width'"),
        ("modle.width=3", "Did you mean 'model'"),
        ("model.width=wide", "must be int"),
        ("model.width=3.5", "must be int"),
        ("model.width=true", "must be int"),
        ("width=3", "section.key=value"),
        ("model.width", "section.key=value"),
        ("model.width=30", "multiple"),
        ("model.vocab=70000", "uint16"),
        ("evaluate.stride=0", "stride"),
        ("data.loader=random", "sequential or shuffled"),
        ("data.batch_tokens=1000", "multiple"),
    ],
)
def test_a_bad_setting_is_told_with_a_suggestion(setting, says):
    with pytest.raises(TrainingError, match=says):
        load("demo", [setting])


def test_an_unknown_preset_is_told_with_a_suggestion():
    with pytest.raises(TrainingError, match="Did you mean 'baseline'"):
        load("basline")

"""Presets say what was published, and refuse what no run could use."""

import pytest
import torch

from training.counting import artifact_estimate, flops_per_token, parameters
from training.errors import TrainingError
from training.model.gpt import Gpt
from training.presets import dump, load, names, read

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
def test_the_estimate_is_near_the_published_size(name):
    preset = load(name)
    assert artifact_estimate(preset) == pytest.approx(preset.reported.artifact_bytes, rel=0.06)


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

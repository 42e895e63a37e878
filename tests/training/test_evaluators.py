"""Every evaluator is causal, normalised, complete, and scores before it uses."""

import copy

import numpy as np
import pytest
import torch

from training.errors import TrainingError
from training.evaluate.protocol import Scored, Used, tally
from training.evaluate.registry import EVALUATORS
from training.evaluate.windows import cover
from training.model.gpt import token_losses
from training.ranks import Ranks

KINDS = tuple(EVALUATORS)


def losses(kind, model, tokens, settings):
    """The loss of each target, by a fresh copy of the model."""
    found = np.full(len(tokens) - 1, np.nan)
    for event in EVALUATORS[kind][1](copy.deepcopy(model), tokens, settings, Ranks()):
        if isinstance(event, Scored):
            assert np.isnan(found[event.targets]).all()
            found[event.targets] = event.losses
    assert not np.isnan(found).any()
    return found


@pytest.fixture
def tokens():
    stream = torch.randint(4, 24, (203,), generator=torch.Generator().manual_seed(5))
    stream[::50] = 1
    return stream


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_token_moves_no_earlier_loss(kind, model, tokens, tiny):
    before = losses(kind, model, tokens, tiny.evaluate)
    changed = tokens.clone()
    changed[131] = 4 + (changed[131] - 3) % 20
    after = losses(kind, model, changed, tiny.evaluate)
    np.testing.assert_allclose(before[:130], after[:130], rtol=0, atol=1e-6)
    assert before[130] != after[130]


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_sum_to_one(kind, model, tokens, tiny):
    for position in (80, 145):
        total = 0.0
        for token in range(24):  # BOS too: a document may end at any place
            trial = tokens.clone()
            trial[position] = token
            total += np.exp(-losses(kind, model, trial, tiny.evaluate)[position - 1])
        assert total == pytest.approx(1, abs=2e-5)


@pytest.mark.parametrize("kind", ["ttt-sgd", "ttt-lora"])
def test_what_is_used_was_scored_and_changes_later_losses(kind, model, tokens, tiny):
    scored, used = set(), set()
    for event in EVALUATORS[kind][1](copy.deepcopy(model), tokens, tiny.evaluate, Ranks()):
        if isinstance(event, Used):
            assert scored >= set(event.targets.tolist())
            used |= set(event.targets.tolist())
        else:
            scored |= set(event.targets.tolist())
    assert used
    still = "sliding" if kind == "ttt-sgd" else "documents"
    difference = losses(kind, model, tokens, tiny.evaluate) - losses(
        still, model, tokens, tiny.evaluate
    )
    assert np.abs(difference).max() > 1e-4


def test_sliding_equals_brute_force(model, tokens, tiny):
    length, stride = tiny.evaluate.sequence, tiny.evaluate.stride
    expected = []
    for target in range(len(tokens) - 1):
        start = 0 if target < length else ((target - length) // stride + 1) * stride
        with torch.no_grad():
            logits = model(tokens[None, start : target + 1])
        expected.append(float(token_losses(logits[:, -1:], tokens[None, target + 1 : target + 2])))
    found = losses("sliding", model, tokens, tiny.evaluate)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 64, 67])
@pytest.mark.parametrize("stride", [1, 3, 16])
def test_windows_cover_each_target_once_with_context(count, stride):
    windows = list(cover(0, count, 16, stride))
    assert [t for w in windows for t in range(w.first, w.end)] == list(range(count))
    assert all(w.end - w.start <= 16 for w in windows)
    assert all(w.first - w.start >= 16 - stride for w in windows[1:])


def test_the_number_of_windows_of_the_full_split():
    assert 1 + -(-(62_021_632 - 2048) // 64) == 969_057
    assert sum(1 for _ in cover(0, 62_021, 2048, 64)) == 1 + -(-(62_021 - 2048) // 64)


@pytest.mark.parametrize(
    "events",
    [
        [Used(np.array([0])), Scored(np.arange(3), np.ones(3))],
        [Scored(np.arange(2), np.ones(2))],
        [Scored(np.arange(3), np.ones(3)), Scored(np.array([1]), np.ones(1))],
        [Scored(np.arange(3), np.array([1.0, np.nan, 1.0]))],
    ],
    ids=["used-early", "left-out", "twice", "nan"],
)
def test_a_dishonest_evaluation_has_no_score(events):
    with pytest.raises(TrainingError):
        tally(iter(events), np.ones(3, dtype=np.int64), Ranks())


def test_the_score_is_sum_over_sum():
    score = tally(
        iter([Scored(np.arange(3), np.log([2.0, 4.0, 8.0]))]), np.array([1, 2, 0]), Ranks()
    )
    assert score.bpb == pytest.approx(2.0)
    assert score.loss == pytest.approx(2 * np.log(2))

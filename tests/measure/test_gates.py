from dataclasses import replace

import pytest

from pgolf_check.editions import editions
from pgolf_check.measure.comparison import compare
from pgolf_check.measure.gates import Answer, gate
from pgolf_check.measure.samples import sample_of
from pgolf_check.measure.units import Unit

MARCH, APRIL, MAY = editions()


def _sample(text, bytes_per_token=3.7266, unit=Unit.BPB, name="x"):
    return replace(sample_of(text, name, unit), bytes_per_token=bytes_per_token)


def _answers(new, old, **kwargs):
    return [
        gate(edition, _sample(new, **kwargs), _sample(old, **kwargs)).answer
        for edition in (MARCH, APRIL, MAY)
    ]


def test_a_small_sure_improvement_passes_in_april_only():
    new, old = "1.07928348 1.07996676 1.08024795", "1.08079 1.08103 1.08118"
    assert _answers(new, old) == [Answer.NO, Answer.YES, Answer.YES]


def test_a_large_one_passes_always():
    assert _answers("1.0501 1.0502 1.0503", "1.08079 1.08103 1.08118") == [Answer.YES] * 3


def test_one_seed_cannot_tell():
    assert _answers("1.0501", "1.08079 1.08103 1.08118") == [Answer.UNKNOWN] * 3


def test_the_margin_needs_a_tokenizer():
    answers = _answers("1.0501 1.0502", "1.08079 1.08103", bytes_per_token=None)
    assert answers == [Answer.UNKNOWN, Answer.YES, Answer.YES]


def test_in_nats_it_needs_none():
    answers = _answers("2.0501 2.0502", "2.0807 2.0810", bytes_per_token=None, unit=Unit.NATS)
    assert answers == [Answer.YES] * 3


def test_between_tokenizers_both_margins_must_agree():
    old = _sample("1.10000 1.10001 1.10002", 3.7266)
    between = _sample("1.09750 1.09751 1.09752", 2.4359)  # 0.0025 BPB: beyond one, short of other
    asked = gate(MARCH, between, old)
    assert [round(each.margin, 5) for each in asked.hypotheses] == [0.00296, 0.00194]
    assert asked.answer is Answer.UNKNOWN
    assert "whose tokens" in asked.reason
    beyond = _sample("1.09600 1.09601 1.09602", 2.4359)
    assert gate(MARCH, beyond, old).answer is Answer.YES


def test_values_without_a_log_prove_nothing():
    new = replace(_sample("1.0501 1.0502 1.0503"), logged=False)
    assert gate(APRIL, new, _sample("1.0807 1.0810")).answer is Answer.UNKNOWN


def test_units_meet_in_bpb():
    new = _sample("2.7128 2.7131", 3.7266, Unit.NATS)
    found = compare(new, _sample("1.0807 1.0810"), editions(), MAY)
    assert found.unit is Unit.BPB
    assert found.improvement.bpb == pytest.approx(1.08085 - 2.71295 / (3.7266 * 0.693147), abs=1e-5)
    assert found.improvement.nats_per_byte == pytest.approx(found.improvement.bpb * 0.693147)


def test_a_missing_tokenizer_is_taken_from_the_other_row_and_that_is_said():
    found = compare(_sample("1.05000 1.05100", None), _sample("1.08 1.081"), editions(), MAY)
    assert found.gates[0].answer is not Answer.UNKNOWN
    assert found.warnings[0].doubt == "tokenizer-assumed"

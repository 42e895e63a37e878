"""What is packed comes back to the last bit, and damage is told."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.config import Quantise, Rule
from training.errors import TrainingError
from training.pack.bits import pack_bits, packed_size, shuffle, unpack_bits, unshuffle
from training.pack.codecs import NAMES, decode, encode
from training.pack.container import pack, unpack
from training.quantise.plan import quantise, restore
from training.quantise.rowwise import quantise_rows


@given(st.integers(4, 8), st.lists(st.integers(-128, 127), max_size=50))
def test_packed_bits_come_back(bits, values):
    half = 1 << (bits - 1)
    codes = np.array([v % (2 * half) - half for v in values], dtype=np.int8)
    data = pack_bits(codes, bits)
    assert len(data) == packed_size(len(codes), bits)
    assert (unpack_bits(data, bits, len(codes)) == codes).all()


@given(st.binary(max_size=40), st.sampled_from([1, 2, 4]))
def test_shuffled_bytes_come_back(data, stride):
    data = data[: len(data) // stride * stride]
    assert unshuffle(shuffle(data, stride), stride) == data


@pytest.mark.parametrize("name", NAMES)
def test_codecs_come_back_and_stay_within_the_promised_size(name):
    data = bytes(range(256)) * 40
    assert decode(name, encode(name, data), len(data)) == data
    for size in (len(data) - 1, len(data) + 1):
        with pytest.raises(TrainingError):
            decode(name, encode(name, data), size)


@pytest.mark.parametrize("bits", [5, 6, 7, 8])
def test_rounding_is_within_half_a_step_and_search_never_worse(bits):
    weight = torch.randn(20, 300, generator=torch.Generator().manual_seed(1))
    weight[3] = 0
    top = 2 ** (bits - 1) - 1
    plain = quantise_rows(weight, bits)
    assert plain.codes.abs().max() <= top
    inside = weight.abs() <= plain.scales.float()[:, None] * top
    error = (plain.floats() - weight).abs() / plain.scales.float()[:, None]
    assert float(error[inside].max()) <= 0.5 + 1e-3
    searched = quantise_rows(weight, bits, search=True)

    def loss(codes):
        return (codes.floats() - weight).square().sum()

    assert loss(searched) <= loss(plain) * 1.001


def test_a_step_keeps_only_multiples():
    codes = quantise_rows(torch.randn(4, 64), 8, step=4).codes
    assert set((codes % 4).unique().tolist()) <= {0, 3, 1}  # the ends, +-127, may stay


def test_a_file_restores_the_exact_floats(tmp_path, model, tiny):
    rules = (Rule("embedding.weight", 16), Rule("*.key.weight", 5), Rule("*", 6, search=True))
    stored = quantise(model.state_dict(), Quantise(small=0, rules=rules))
    packed = pack(stored, NAMES)
    path = tmp_path / "model"
    path.write_bytes(packed.data)
    loaded = unpack(path)
    before, after = restore(stored), restore(loaded)
    assert before.keys() == after.keys() == model.state_dict().keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("damage", ["short", "flipped", "magic", "empty"])
def test_a_damaged_file_is_one_clear_error(tmp_path, model, tiny, damage):
    data = bytearray(pack(quantise(model.state_dict(), tiny.quantise), ["zlib"]).data)
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    path = tmp_path / "model"
    path.write_bytes({"short": data[:-9], "magic": b"X" + data[1:], "empty": b""}.get(damage, data))
    with pytest.raises(TrainingError):
        unpack(path)


def test_a_tensor_without_a_rule_is_refused(model):
    with pytest.raises(TrainingError, match="no quantise rule"):
        quantise(model.state_dict(), Quantise(small=0, rules=(Rule("blocks.0.*", 8),)))


def test_values_that_are_not_finite_are_refused(model, tiny):
    state = model.state_dict()
    state["skips"] = torch.full_like(state["skips"], torch.nan)
    with pytest.raises(TrainingError, match="not finite"):
        quantise(state, tiny.quantise)

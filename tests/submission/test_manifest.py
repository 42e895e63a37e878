import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgolf_check.submission.manifest import read_manifest


def _read(table):
    manifest, problems = read_manifest("submission.json", json.dumps(table).encode())
    assert manifest is not None
    return manifest, problems


@pytest.mark.parametrize(
    ("table", "value", "key"),
    [
        ({"val_bpb": 1.08}, 1.08, "val_bpb"),
        ({"val_bpb": "1.0810"}, 1.081, "val_bpb"),
        ({"val_bpb": "~1.081 (3 seeds)"}, 1.081, "val_bpb"),
        ({"val_bpb": {"mean": 1.09, "std": 0.1}}, 1.09, "val_bpb"),
        ({"val_bpb": None, "val_bpb_mean": 1.1}, 1.1, "val_bpb_mean"),
        ({"results": {"val_bpb": 1.2}}, 1.2, "results.val_bpb"),
        ({"final_ttt_bpb": 1.07, "baseline_bpb": 1.22}, 1.07, "final_ttt_bpb"),
        ({"seed_results": {"1": {"val_bpb": 1.0}, "2": {"val_bpb": 2.0}}}, 1.5, "mean of seeds"),
        ({"val_loss": 1.21}, 1.21, "val_loss"),
    ],
)
def test_the_score_is_found_under_its_spellings(table, value, key):
    claimed = _read(table)[0].val_bpb
    assert (claimed.value, claimed.key) == (value, key)


@pytest.mark.parametrize("table", [{}, {"val_loss": 2.7}, {"baseline_bpb": 1.2}, {"bpb_gain": 0.1}])
def test_no_score_is_invented(table):
    assert _read(table)[0].val_bpb is None


@pytest.mark.parametrize("value", [None, "pending", True, -1.0, [], {}])
def test_an_unusable_score_keeps_its_raw_text_and_is_told(value):
    manifest, problems = _read({"val_bpb": value})
    assert manifest.val_bpb.value is None
    assert manifest.val_bpb.raw in ("null", "pending", "true", "-1.0", "[]", "{}")
    assert "val_bpb holds" in problems[0].message


@pytest.mark.parametrize(
    "table",
    [
        {"seed_results": {"42": {"val_bpb": 1.1}, "7": {"val_bpb": 1.2}}},
        {"seeds": {"42": 1.1, "7": 1.2}},
        {"seeds": [42, 7], "val_bpb_seeds": [1.1, 1.2]},
        {"per_seed": [{"seed": 42, "val_bpb": 1.1}, {"seed": "7", "val_bpb": 1.2}]},
        {"seed_42": {"val_bpb": 1.1}, "seed_7": {"val_bpb": 1.2}},
    ],
)
def test_seeds_in_every_shape(table):
    manifest, _ = _read(table)
    assert [(seed.seed, seed.val_bpb) for seed in manifest.seeds] == [(42, 1.1), (7, 1.2)]
    assert manifest.seed_count == 2


def test_units_are_taken_from_value_or_key():
    manifest, _ = _read(
        {"train_time_ms": 599_900, "eval_time": "8.5 min", "artifact_bytes": "15,998,120"}
    )
    assert manifest.train_seconds.value == 599.9
    assert manifest.eval_seconds.value == 510.0
    assert manifest.bytes_total.value == 15_998_120


def test_what_is_no_object_is_a_problem():
    manifest, problems = read_manifest("submission.json", b"[1]")
    assert manifest is None
    assert "not a JSON object" in problems[0].message


_KEYS = st.sampled_from(
    ["val_bpb", "seeds", "seed_results", "seed_1", "name", "bytes_total", "date"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["1", "seed", "mean", "val_bpb", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
def test_any_object_is_read(table):
    read_manifest("submission.json", json.dumps(table).encode())

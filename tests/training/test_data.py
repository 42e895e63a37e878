"""From text to shards, and from shards to batches."""

import numpy as np
import pytest

from training.config import Data
from training.data.dataset import open_dataset
from training.data.export import export
from training.data.loaders import Prefetch, Sequential, Shuffled
from training.data.shards import documents, open_shard, shard_paths, write_shard
from training.errors import TrainingError
from training.tokens.bytes import bits_per_byte
from training.tokens.proof import prove

TEXTS = [
    f"Document {n}: it says\nthat {'naïve 日本 ' * (n % 3)}words  come {n * n} times." * 6
    for n in range(40)
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text") / "data"
    export(TEXTS, folder, validation_documents=8, vocab=320)
    return folder


def test_counted_bytes_are_the_texts_bytes(exported):
    assert "8 documents round-trip" in prove(exported)


def test_a_sidecar_with_other_bytes_is_refused(exported, tmp_path):
    for path in exported.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tokens = open_shard(shard_paths(tmp_path, "val")[0], 320)
    write_shard(tmp_path / "fineweb_val_bytes_000000.bin", np.ones(len(tokens)))
    with pytest.raises(TrainingError, match="bytes are counted"):
        prove(tmp_path)


def test_validation_comes_first_and_is_cut_to_whole_sequences(exported):
    dataset = open_dataset(exported, 320, 16)
    assert (len(dataset.validation) - 1) % 16 == 0
    assert len(dataset.bytes_of) == len(dataset.validation) - 1
    assert len(documents(open_shard(shard_paths(exported, "val")[0], 320))) == 8


def test_a_changed_split_is_refused(exported, tmp_path):
    for path in exported.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    write_shard(tmp_path / "fineweb_val_000000.bin", [1, 5, 6] * 40)
    with pytest.raises(TrainingError, match="The split has changed"):
        open_dataset(tmp_path, 320, 16)


def test_ranks_read_the_spans_that_one_rank_reads():
    shards = [np.arange(0, 70, dtype=np.uint16), np.arange(70, 200, dtype=np.uint16)]
    settings = Data(sequence=4, batch_tokens=32, micro_batches=4)
    alone = Sequential(shards, settings, 0, 1)
    pair = [Sequential(shards, settings, rank, 2) for rank in (0, 1)]
    for _ in range(20):
        for loader in pair:
            np.testing.assert_array_equal(alone.next().inputs, loader.next().inputs)


def test_targets_follow_inputs_and_wrap_around():
    loader = Sequential([np.arange(50, dtype=np.uint16)], Data("sequential", 4, 8, 1), 0, 1)
    seen = [loader.next() for _ in range(12)]
    for batch in seen:
        np.testing.assert_array_equal((batch.inputs + 1) % 50, batch.targets)


def test_shuffled_visits_each_sequence_once_before_any_again():
    settings = Data("shuffled", 4, 8, 1)
    loader = Shuffled([np.arange(101, dtype=np.uint16)], settings, 0, 1, seed=3)
    starts = [int(row[0]) for _ in range(12) for row in loader.next().inputs]
    assert len(set(starts)) == 24
    assert starts != sorted(starts)


def test_prefetch_hands_out_the_state_of_the_batch_in_use():
    settings = Data("shuffled", 4, 8, 1)
    shards = [np.arange(401, dtype=np.uint16)]
    loader = Prefetch(Shuffled(shards, settings, 0, 1, seed=3))
    for _ in range(3):
        loader.next()
    state, expected = loader.position, [loader.next().inputs for _ in range(4)]
    again = Prefetch(Shuffled(shards, settings, 0, 1, seed=9))
    again.restore(state)
    for batch in expected:
        np.testing.assert_array_equal(batch, again.next().inputs)
    loader.close()
    again.close()


def test_no_bytes_no_score():
    assert bits_per_byte(np.log(2) * 10, 5) == pytest.approx(2.0)
    with pytest.raises(TrainingError):
        bits_per_byte(1.0, 0)

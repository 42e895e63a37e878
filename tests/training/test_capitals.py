"""Folded capitals come back, and their bytes are those of the original text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.export import export
from training.data.shards import open_shard, shard_paths, write_shard
from training.errors import TrainingError
from training.tokens.bytes import read_sidecar
from training.tokens.capitals import MARKS, fold, unfold
from training.tokens.proof import prove
from training.tokens.tokenizer import Tokenizer

TEXTS = [
    f"The NASA Report No. {n}: ÉCOLE said McDonald, iPhone ДА Σς İI ẞ ß\nAND Then {'X' * (n % 4)}."
    * 4
    for n in range(20)
]


@given(st.text(st.characters(exclude_characters=MARKS, exclude_categories=["Cs"]), max_size=60))
def test_every_text_comes_back(text):
    assert unfold(fold(text)) == text


@given(st.text(st.sampled_from("aAbBéÉ .1"), max_size=30))
def test_letters_come_back_and_no_capital_is_left(text):
    folded = fold(text)
    assert unfold(folded) == text
    assert folded.lower() == folded


def test_a_run_shares_its_mark():
    one, run = MARKS
    assert fold("NASA Is") == f"{run}nasa {one}is"
    assert fold("HTMLx") == "".join(one + letter for letter in "html") + "x"


def test_a_text_with_marks_is_refused():
    with pytest.raises(TrainingError, match="marks"):
        fold(f"a{MARKS[0]}b")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("capitals") / "data"
    export(TEXTS, folder, validation_documents=4, vocab=330, capitals=True)
    return folder


def test_original_bytes_lie_beside_and_are_proved(exported):
    tokenizer = Tokenizer(exported / "tokenizer.model")
    truth = sum(len(tokenizer.normalise(text).encode()) for text in TEXTS[:4])
    tokens = open_shard(shard_paths(exported, "val")[0], tokenizer.vocab)
    assert int(read_sidecar(exported, len(tokens)).sum()) == truth
    assert f"{truth:,} bytes counted" in prove(exported)


def test_documents_across_shards_keep_their_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("training.data.export.SHARD_TOKENS", 37)
    export(TEXTS, tmp_path / "data", validation_documents=4, vocab=330, capitals=True)
    assert len(shard_paths(tmp_path / "data", "val")) > 3
    assert "4 documents" in prove(tmp_path / "data")


def test_bytes_moved_to_another_document_are_refused(exported, tmp_path):
    for path in exported.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    path = tmp_path / "fineweb_val_bytes_000000.bin"
    sizes = np.array(open_shard(path, 0x10000))
    first = int(np.flatnonzero(sizes)[0])
    sizes[first] -= 1
    sizes[-1] += 1
    write_shard(path, sizes)
    with pytest.raises(TrainingError, match=r"document 0: .* bytes are counted"):
        prove(tmp_path)
    path.unlink()
    with pytest.raises(TrainingError, match="no original bytes"):
        prove(tmp_path)


def test_a_tokenizer_without_the_marks_is_refused(tmp_path):
    export(TEXTS, tmp_path / "plain", validation_documents=4, vocab=330)
    given_ = tmp_path / "plain/tokenizer.model"
    with pytest.raises(TrainingError, match="no pieces for the marks"):
        export(
            TEXTS,
            tmp_path / "x",
            validation_documents=4,
            vocab=330,
            tokenizer=given_,
            capitals=True,
        )
    assert not (tmp_path / "x").exists()

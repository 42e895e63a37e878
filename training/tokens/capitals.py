"""A reversible transform: capitals become small letters behind a mark, so that words are one."""

from functools import cache

import numpy as np
import numpy.typing as npt

from training.errors import TrainingError
from training.tokens.bytes import ByteTable
from training.tokens.tokenizer import Tokenizer

ONE, RUN = "\ue000", "\ue001"  # the next letter; all small letters that follow
MARKS = (ONE, RUN)


def fold(text: str) -> str:
    """Text without capitals. A run of them that no small letter follows shares one mark."""
    if ONE in text or RUN in text:
        raise TrainingError("a document holds the marks of the capitals transform (U+E000, U+E001)")
    folded, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and _small(text[end]):
            end += 1
        run = "".join(map(_small, text[at:end]))
        if end == at:
            folded.append(text[at])
            end += 1
        elif end - at > 1 and not (end < len(text) and _capital(text[end])):
            folded.append(RUN + run)
        else:
            folded += [ONE + letter for letter in run]
        at = end
    return "".join(folded)


def unfold(text: str) -> str:
    """The inverse of `fold`."""
    plain: list[str] = []
    mode = ""
    for letter in text:
        if letter in MARKS:
            mode = letter
            continue
        capital = _capital(letter) if mode else ""
        plain.append(capital or letter)
        mode = mode if mode == RUN and capital else ""
    return "".join(plain)


def original_bytes(tokenizer: Tokenizer, tokens: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Bytes of the unfolded text that each token stands for: marks are nothing."""
    pieces = [tokenizer.pieces.id_to_piece(i) for i in range(tokenizer.vocab)]
    if not set(MARKS) <= set(pieces):
        raise TrainingError("the tokenizer has no pieces for the marks of the capitals transform")
    marks = np.array([len(ONE.encode()) * sum(map(piece.count, MARKS)) for piece in pieces])
    charged = ByteTable.of(tokenizer).charged(tokens) - marks[tokens[1:]]
    return np.concatenate(([0], charged))


@cache
def _small(letter: str) -> str:
    """The small letter of a capital where the two are a pair of like size, else ""."""
    small = letter.lower()
    pair = letter != small and small.upper() == letter and len(small) == 1
    return small if pair and len(small.encode()) == len(letter.encode()) else ""


@cache
def _capital(letter: str) -> str:
    """The capital of a small letter that some capital is folded to, else ""."""
    capital = letter.upper()
    return capital if len(capital) == 1 and _small(capital) == letter else ""

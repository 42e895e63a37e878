"""Tensors as pickles describe them: those of torch, and arrays of numpy. Nothing is built."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pgolf_check.submission.pickles import Call, Name, Persistent

SIZES = {
    **dict.fromkeys(("int8", "uint8", "bool", "float8_e4m3fn", "float8_e5m2"), 1),
    **dict.fromkeys(("float16", "bfloat16", "int16", "uint16"), 2),
    **dict.fromkeys(("float32", "int32", "uint32"), 4),
    **dict.fromkeys(("float64", "int64", "uint64"), 8),
}
_STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_RECONSTRUCT = (
    Name("numpy._core.multiarray._reconstruct"),
    Name("numpy.core.multiarray._reconstruct"),
)
_FROM_BUFFER = (Name("numpy._core.numeric._frombuffer"), Name("numpy.core.numeric._frombuffer"))


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model file."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the numbers of a tensor lie outside of the pickle."""

    key: str
    dtype: str
    count: int

    @property
    def bytes(self) -> int | None:
        """Its length, where the type is known."""
        width = SIZES.get(self.dtype)
        return width * self.count if width else None


class UnfitError(Exception):
    """Contents that contradict themselves."""


def storage_of(path: str, value: Any) -> Storage | None:
    """The storage of the tensor that a call of torch's rebuilding functions would make."""
    rebuilt = _torch_call(value)
    if rebuilt is None:
        return None
    match rebuilt.arguments:
        case (Persistent(("storage", Name(storage), key, _, int(count), *_)), int(), _, *_):
            last = storage.rpartition(".")[2]
            return Storage(str(key), _STORAGES.get(last, storage), count)
        case _:
            raise UnfitError(f"{path} is no tensor as torch writes them")


def rebuilt(path: str, value: Any, stored: Mapping[str, int]) -> Tensor | None:
    """The tensor behind a value; `stored` has the bytes of each storage that lies in the file."""
    storage = storage_of(path, value)
    if storage is None:
        return _array(path, value)
    call = _torch_call(value)
    assert call
    sizes = sizes_of(call.arguments[2])
    if math.prod(sizes) > storage.count and 0 not in sizes:
        # A tensor may repeat its storage by strides of zero; a model has no use for that.
        raise UnfitError(f"{path} is larger than its storage")
    if storage.bytes is not None and stored.get(storage.key, storage.bytes) != storage.bytes:
        raise UnfitError(f"{path} has a storage of another size than it states")
    return Tensor(path, storage.dtype, sizes)


def sizes_of(value: Any) -> tuple[int, ...]:
    """A list of sizes, else UnfitError."""
    if isinstance(value, list | tuple) and all(isinstance(n, int) and n >= 0 for n in value):
        return tuple(value)
    raise UnfitError("a shape is not a list of sizes")


def _torch_call(value: Any) -> Call | None:
    if isinstance(value, Call) and value.function == Name("torch._utils._rebuild_parameter"):
        value = value.arguments[0] if isinstance(value.arguments, tuple) else None
    if isinstance(value, Call) and value.function == Name("torch._utils._rebuild_tensor_v2"):
        return value
    return None


def _array(path: str, value: Any) -> Tensor | None:
    """An array as numpy pickles it: rebuilt from a state, or over a buffer."""
    match value:
        case Call(function, _, (int(), sizes, kind, _, data)) if function in _RECONSTRUCT:
            pass
        case Call(function, (data, kind, sizes, *_)) if function in _FROM_BUFFER:
            pass
        case _:
            return None
    match kind:
        case Call(Name("numpy.dtype"), (str(dtype), *_)):
            pass
        case _:
            raise UnfitError(f"{path} is no array of plain numbers")
    width = dtype.lstrip("<>|=")[1:]
    if not width.isdecimal() or dtype.lstrip("<>|=").startswith("O"):
        raise UnfitError(f"{path} is no array of plain numbers")
    found = sizes_of(sizes)
    if isinstance(data, bytes | bytearray) and len(data) != math.prod(found) * int(width):
        raise UnfitError(f"{path} has other bytes than its shape needs")
    return Tensor(path, dtype, found)

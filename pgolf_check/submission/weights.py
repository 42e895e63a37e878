"""The tensors in a model file, listed without loading it.

Codecs are taken off under a bound, layer by layer; what is inside is recognised by its content and
never by its name. No pickle runs: `pickles` only tells what one would build.
"""

import json
import math
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission import codecs
from pgolf_check.submission.codecs import Budget, CodecError
from pgolf_check.submission.facts import Problem, ProblemKind
from pgolf_check.submission.pickles import PickleError, Scanned, scan, tables
from pgolf_check.submission.strict_json import decode_json
from pgolf_check.submission.tensors import SIZES, Tensor, UnfitError, rebuilt, sizes_of, storage_of
from pgolf_check.submission.zip_directory import Archive, ArchiveError, open_archive

_MAGIC: tuple[tuple[bytes, str, Callable[[bytes, int], bytes]], ...] = (
    (b"\x28\xb5\x2f\xfd", "zstd", codecs.unzstd),
    (b"\xfd7zXZ\0", "xz", codecs.unlzma),
    (b"\x5d\0\0", "lzma", codecs.unlzma),
    (b"\x1f\x8b", "gzip", codecs.ungzip),
    (b"BZh", "bz2", codecs.unbz2),
    (b"\x78\x01", "zlib", codecs.unzlib),
    (b"\x78\x5e", "zlib", codecs.unzlib),
    (b"\x78\x9c", "zlib", codecs.unzlib),
    (b"\x78\xda", "zlib", codecs.unzlib),
    (b"BSHF", "byte shuffle", codecs.unshuffle),
)
_LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # the number torch's files began with
_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\x7fELF", "a program"),
)
_RAW_LZMA = [{"id": 33, "dict_size": 64 << 20}]
_OURS = struct.Struct("<4sBBII")
_OUR_CODECS = ("zlib", "lzma", "zstd", "brotli")
_SAFETENSORS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
_NPY = re.compile(
    rb"\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (?:True|False), "
    rb"'shape': \(([\d, ]*)\), \}\s*"
)
_TORCH_MEMBERS = re.compile(
    r"(?:.*/)?(?:data\.pkl|version|byteorder|\.format_version|\.storage_alignment"
    r"|\.data/serialization_id|data/\d+)"
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A codec that was taken off, and the bytes that came out."""

    codec: str
    size: int


@dataclass(frozen=True, slots=True)
class Weights:
    """What a model file holds."""

    container: str  # "" where it was not recognised
    layers: tuple[Layer, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_weights(path: str, data: bytes, limits: Limits = LIMITS) -> Weights:
    """Unpack within bounds and list the tensors; whatever goes wrong is a problem."""
    layers: list[Layer] = []
    tell = _Teller(path)
    try:
        inner = _peel(data, layers, Budget(limits.weights_bytes), limits)
        container, tensors = _contents(inner, tell, limits)
    except codecs.TooLargeError as error:
        tell(str(error), ProblemKind.HOSTILE)
        return Weights("", tuple(layers), (), tuple(tell.problems))
    except (CodecError, ArchiveError, PickleError, UnfitError) as error:
        tell(str(error), ProblemKind.MALFORMED)
        return Weights("", tuple(layers), (), tuple(tell.problems))
    if not container:
        tell("holds no container that is known; its tensors cannot be listed")
    return Weights(container, tuple(layers), tuple(tensors), tuple(tell.problems))


class _Teller:
    """Collects what is to be said of one file."""

    def __init__(self, path: str) -> None:
        self.problems: list[Problem] = []
        self.place = Place(path)

    def __call__(self, message: str, kind: ProblemKind = ProblemKind.UNREADABLE) -> None:
        self.problems.append(Problem(kind, message, self.place))


def _peel(data: bytes, layers: list[Layer], budget: Budget, limits: Limits) -> bytes:
    """What lies under the codecs. Two of them have no mark and are tried when nothing else fits."""
    for _ in range(limits.layers):
        marked = next((one for one in _MAGIC if data.startswith(one[0])), None)
        if marked:
            name, decode = marked[1], marked[2]
        elif _known(data):
            return data
        elif unmarked := _unmarked(data, budget):
            name, decode = unmarked
        else:
            return data
        outer = data
        data = budget.spend(lambda limit, o=outer, d=decode: d(o, limit))  # type: ignore[misc]
        layers.append(Layer(name, len(data)))
    if any(data.startswith(one[0]) for one in _MAGIC):
        raise UnfitError(f"is packed more than {limits.layers} times")
    return data


def _unmarked(data: bytes, budget: Budget) -> tuple[str, Callable[[bytes, int], bytes]] | None:
    """Brotli or raw LZMA: the one that gives something known, else one that gives more bytes."""
    plausible = None
    for name, decode in (("brotli", codecs.unbrotli), ("raw lzma", _raw_lzma)):
        try:
            inner = decode(data, budget.left)
        except codecs.TooLargeError:
            raise
        except CodecError:
            continue
        if _known(inner):
            return name, decode
        if len(inner) > len(data):
            plausible = plausible or (name, decode)
    return plausible


def _raw_lzma(data: bytes, limit: int) -> bytes:
    return codecs.unlzma(data, limit, 3, _RAW_LZMA)


def _known(data: bytes) -> bool:
    return data.startswith((b"PK\3\4", b"PGLF", b"\x93NUMPY", b"\x80", b"BSHF")) or _is_safetensors(
        data
    )


def _is_safetensors(data: bytes) -> bool:
    return len(data) > 9 and int.from_bytes(data[:8], "little") < len(data) and data[8:9] == b"{"


def _contents(data: bytes, tell: _Teller, limits: Limits) -> tuple[str, list[Tensor]]:
    """The name of the container and its tensors."""
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnfitError(f"is {what} and no model")
    if data.startswith(b"PK\3\4"):
        archive = open_archive(data)
        if any(name.endswith(".npy") for name in archive.members):
            return "npz", list(_npz(archive, tell, limits))
        return "torch", list(_torch(archive, tell, limits))
    if data.startswith(b"PGLF"):
        return "pgolf", list(_ours(data, tell, limits))
    if data.startswith(b"\x93NUMPY"):
        return "npy", [_npy("array", data)]
    if _is_safetensors(data):
        return "safetensors", list(_safetensors(data, tell))
    if data.startswith(_LEGACY):
        return "torch (legacy)", list(_legacy(data, tell, limits))
    if data.startswith(b"\x80") or data[:1] in (b"(", b"c", b"]", b"}"):
        return "pickle", list(_pickle(data, tell, {}))
    return "", []


def _torch(archive: Archive, tell: _Teller, limits: Limits) -> Iterator[Tensor]:
    """What `torch.save` writes: a pickle and one member for each storage."""
    named = [name for name in archive.members if name.rpartition("/")[2] == "data.pkl"]
    if len(named) != 1:
        raise UnfitError(f"holds {len(named)} files data.pkl instead of one")
    folder = named[0].removesuffix("data.pkl")
    for name in archive.members:
        if not _TORCH_MEMBERS.fullmatch(name):
            tell(f"holds {name}, which is no part of a model")
    stored = {
        name.removeprefix(f"{folder}data/"): member.size
        for name, member in archive.members.items()
        if name.startswith(f"{folder}data/")
    }
    yield from _pickle(archive.read(named[0], limits.all_source_bytes), tell, stored)
    for name in archive.members:
        archive.read(name, limits.weights_bytes)  # its checksum must hold


def _pickle(data: bytes, tell: _Teller, stored: dict[str, int]) -> Iterator[Tensor]:
    scanned = scan(data)
    for name in scanned.names:
        tell(f"loading it would call {name}", ProblemKind.HOSTILE)
    if scanned.end != len(data):
        tell(f"goes on for {len(data) - scanned.end} bytes after its pickle ends")
    for path, value in tables(scanned.value):
        if tensor := rebuilt(path, value, stored):
            yield tensor


def _legacy(data: bytes, tell: _Teller, limits: Limits) -> Iterator[Tensor]:
    """What `torch.save` wrote before it wrote archives: five pickles, then every storage."""
    scans: list[Scanned] = []
    at = 0
    for _ in range(5):  # a number, a version, sizes of C types, the object, the storages' keys
        scans.append(scan(data[at : at + limits.all_source_bytes]))
        at += scans[-1].end
    *_, content, keys = scans
    for name in dict.fromkeys(name for one in scans for name in one.names):
        tell(f"loading it would call {name}", ProblemKind.HOSTILE)
    lengths: dict[str, int] = {}
    for path, value in tables(content.value):
        storage = storage_of(path, value)
        if storage and storage.bytes is not None:
            lengths[storage.key] = storage.bytes
        if tensor := rebuilt(path, value, lengths):
            yield tensor
    known = keys.value if isinstance(keys.value, list) else []
    if sorted(lengths) != sorted(map(str, known)):
        raise UnfitError("its storages are not those of its tensors")
    if sum(lengths.values()) + 8 * len(known) != len(data) - at:  # each states its length first
        raise UnfitError("its storages are not as long as its tensors need")


def _npz(archive: Archive, tell: _Teller, limits: Limits) -> Iterator[Tensor]:
    for name in archive.members:
        content = archive.read(name, limits.weights_bytes)
        if name.endswith(".npy"):
            yield _npy(name.removesuffix(".npy"), content)
        else:
            tell(f"holds {name}, which is no array")


def _npy(name: str, data: bytes) -> Tensor:
    width = 2 if data[6:7] == b"\x01" else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    match = _NPY.fullmatch(data[8 + width : 8 + width + length])
    if not match:
        raise UnfitError(f"{name} is no array of plain numbers")
    kind = match[1].decode()
    if kind.lstrip("<>|=").startswith("O"):
        raise UnfitError(f"{name} holds Python objects, which loading would unpickle")
    shape = tuple(int(size) for size in match[2].decode().replace(" ", "").split(",") if size)
    return Tensor(name, kind, shape)


def _safetensors(data: bytes, tell: _Teller) -> Iterator[Tensor]:
    length = int.from_bytes(data[:8], "little")
    decoded = decode_json(tell.place.file, data[8 : 8 + length])
    tell.problems += decoded.problems
    if not isinstance(decoded.value, dict):
        raise UnfitError("its header is not a JSON object")
    room = len(data) - 8 - length
    used = 0
    for name, entry in decoded.value.items():
        if name == "__metadata__":
            continue
        match entry:
            case {"dtype": str(kind), "shape": shape, "data_offsets": [int(begin), int(end)]}:
                dtype = _SAFETENSORS.get(kind, kind)
            case _:
                raise UnfitError(f"{name} is not described as a tensor")
        sizes = sizes_of(shape)
        if not 0 <= begin <= end <= room or math.prod(sizes) * SIZES.get(dtype, 0) != end - begin:
            raise UnfitError(f"{name} does not fit its place in the file")
        used += end - begin
        yield Tensor(name, dtype, sizes)
    if used != room:
        tell(f"holds {room - used} bytes that belong to no tensor")


def _ours(data: bytes, tell: _Teller, limits: Limits) -> Iterator[Tensor]:
    """The model file that `pgolf train` writes: a coded block that begins with a JSON table."""
    if len(data) < _OURS.size:
        raise UnfitError("is cut short")
    _, version, codec, size, crc = _OURS.unpack_from(data)
    if version != 1 or codec >= len(_OUR_CODECS):
        raise UnfitError("is of another version")
    decode = {
        "zlib": codecs.unzlib,
        "lzma": _raw_lzma,
        "zstd": codecs.unzstd,
        "brotli": codecs.unbrotli,
    }[_OUR_CODECS[codec]]
    raw = decode(data[_OURS.size :], min(size, limits.weights_bytes))
    if len(raw) != size or zlib.crc32(raw) != crc:
        raise UnfitError("its checksum does not hold")
    length = int.from_bytes(raw[:4], "little")
    decoded = decode_json(tell.place.file, raw[4 : 4 + length])
    table = decoded.value.get("tensors") if isinstance(decoded.value, dict) else None
    if not isinstance(table, list):
        raise UnfitError("its table of tensors cannot be read")
    for row in table:
        match row:
            case [str(name), shape, int(bits)]:
                dtype = {16: "float16", 32: "float32"}.get(bits, f"int{bits}")
                yield Tensor(name, dtype, sizes_of(shape))
            case _:
                raise UnfitError(f"a row of its table is no tensor: {json.dumps(row)[:80]}")

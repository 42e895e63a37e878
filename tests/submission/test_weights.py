"""Model files of friends are listed; those of enemies are refused with a reason, and fast."""

import io
import json
import lzma
import pickle
import struct
import zipfile
import zlib
from dataclasses import replace

import brotli
import pytest
import zstandard

from pgolf_check.limits import LIMITS
from pgolf_check.submission.facts import ProblemKind
from pgolf_check.submission.pickles import scan
from pgolf_check.submission.weights import read_weights

RAW_LZMA = [{"id": lzma.FILTER_LZMA2, "preset": 9}]
LISTED = [("a.weight", "float32", (2, 3)), ("codes", "int8", (4,))]


class Global:
    """Pickles as a reference to a name, without that name being importable."""

    def __init__(self, module, name):
        self.line = f"c{module}\n{name}\n".encode()


def tensor(storage, key, count, shape):
    """The instructions that rebuild one tensor, as torch writes them in protocol 2."""
    sizes = b"(" + b"".join(struct.pack("<BH", 0x4D, size) for size in shape) + b"t"
    return b"".join(
        (
            Global("torch._utils", "_rebuild_tensor_v2").line,
            b"((U\x07storage",
            Global("torch", storage).line,
            b"U" + bytes([len(key)]) + key.encode() + b"U\x03cpu",
            b"J" + struct.pack("<i", count) + b"tQK\x00" + sizes + b"(t\x89",
            Global("collections", "OrderedDict").line + b")RtR",
        )
    )


def text(word):
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def state(*pairs, end=b"."):
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in pairs) + b"u" + end


STATE = state(
    ("a.weight", tensor("FloatStorage", "0", 6, (2, 3))),
    ("codes", tensor("CharStorage", "1", 4, (4,))),
)


def archive(members=None, method=zipfile.ZIP_STORED):
    files = {"m/data.pkl": STATE, "m/data/0": bytes(24), "m/data/1": bytes(4), "m/version": b"3\n"}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as target:
        for name, data in (files | (members or {})).items():
            if data is not None:
                target.writestr(name, data)
    return sink.getvalue()


def listed(weights):
    return [(one.name, one.dtype, one.shape) for one in weights.tensors]


def complaint(data, limits=LIMITS):
    weights = read_weights("model.ptz", data, limits)
    assert weights.problems
    return weights.problems[0]


CODECS = {
    "zlib": zlib.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "raw lzma": lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=RAW_LZMA),
    "zstd": zstandard.ZstdCompressor().compress,
    "brotli": brotli.compress,
}


@pytest.mark.parametrize("codec", CODECS)
def test_a_packed_state_is_listed_through_every_codec(codec):
    weights = read_weights("anything.txt", CODECS[codec](archive()))
    assert [layer.codec for layer in weights.layers] == [codec]
    assert weights.container == "torch"
    assert listed(weights) == LISTED
    assert weights.problems == ()


def test_members_may_be_deflated_and_codecs_nested():
    data = zlib.compress(lzma.compress(archive(method=zipfile.ZIP_DEFLATED)))
    weights = read_weights("m", data)
    assert [layer.codec for layer in weights.layers] == ["zlib", "xz"]
    assert listed(weights) == LISTED


def test_what_torch_writes_today_is_listed(tmp_path):
    torch = pytest.importorskip("torch")
    parameter = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.bfloat16))
    torch.save({"w": parameter, "meta": {"q": torch.arange(3), "bits": 6}}, tmp_path / "m.pt")
    weights = read_weights("m.pt", (tmp_path / "m.pt").read_bytes())
    assert listed(weights) == [("w", "bfloat16", (2, 2)), ("meta.q", "int64", (3,))]
    assert weights.problems == ()


def test_what_torch_wrote_before_archives_is_listed_and_must_add_up():
    torch = pytest.importorskip("torch")
    sink = io.BytesIO()
    table = {"w": torch.ones(2, 2, dtype=torch.bfloat16), "meta": {"q": torch.arange(3)}}
    torch.save(table, sink, _use_new_zipfile_serialization=False)
    data = sink.getvalue()
    weights = read_weights("m.pt", zlib.compress(data))
    assert weights.container == "torch (legacy)"
    assert listed(weights) == [("w", "bfloat16", (2, 2)), ("meta.q", "int64", (3,))]
    assert weights.problems == ()
    assert "not as long" in complaint(data[:-1]).message
    assert "not as long" in complaint(data + b"\0").message


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_pickled_arrays_are_listed_and_must_fit(protocol):
    numpy = pytest.importorskip("numpy")
    arrays = {"w": numpy.ones((2, 3), "float16"), "deep": [numpy.arange(4, dtype="int8")]}
    data = pickle.dumps(arrays, protocol)
    weights = read_weights("m.bin", data)
    assert (weights.container, weights.problems) == ("pickle", ())
    assert listed(weights) == [("w", "f2", (2, 3)), ("deep.0", "i1", (4,))]
    objects = pickle.dumps({"w": numpy.array([print], dtype=object)}, protocol)
    told = read_weights("m.bin", objects).problems
    assert "plain numbers" in " ".join(problem.message for problem in told)


def test_an_array_of_other_bytes_than_its_shape_needs_is_told():
    numpy = pytest.importorskip("numpy")
    data = pickle.dumps({"w": numpy.arange(4, dtype="int8")}, 4)
    assert "other bytes" in complaint(data.replace(b"K\x04\x85", b"K\x05\x85")).message


def shuffled(data, width):
    return b"BSHF" + bytes([width]) + b"".join(data[at::width] for at in range(width))


@pytest.mark.parametrize("width", [1, 2, 4])
def test_shuffled_bytes_are_put_back(width):
    weights = read_weights("m", brotli.compress(shuffled(archive(), width)))
    assert [layer.codec for layer in weights.layers] == ["brotli", "byte shuffle"]
    assert (weights.container, listed(weights)) == ("torch", LISTED)
    assert "cut short" in complaint(b"BSHF").message


@pytest.mark.parametrize("codec", CODECS)
def test_codes_of_nobody_s_are_unpacked_and_said_to_be_unknown(codec):
    words = b"own format " * 9_000
    weights = read_weights("m", CODECS[codec](words))
    assert [(layer.codec, layer.size) for layer in weights.layers] == [(codec, len(words))]
    assert "no container that is known" in weights.problems[0].message


def test_arrays_of_numpy_are_listed():
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n" + bytes(24)
    members = dict.fromkeys(("m/data.pkl", "m/data/0", "m/data/1", "m/version"))
    weights = read_weights("m", archive(members | {"w.npy": array}))
    assert (weights.container, listed(weights)) == ("npz", [("w", "<f4", (2, 3))])
    objects = array.replace(b"'<f4'", b"'|O' ")
    assert "plain numbers" in complaint(archive(members | {"w.npy": objects})).message


def safetensors(header, room):
    data = json.dumps(header).encode()
    return struct.pack("<Q", len(data)) + data + bytes(room)


def test_safetensors_are_listed_and_must_fit():
    entry = {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}
    weights = read_weights("m", safetensors({"w": entry, "__metadata__": {"a": "b"}}, 8))
    assert (weights.container, listed(weights)) == ("safetensors", [("w", "float16", (2, 2))])
    assert "does not fit" in complaint(safetensors({"w": entry}, 7)).message
    assert "belong to no tensor" in complaint(safetensors({"w": entry}, 9)).message


def test_the_model_file_of_this_project_is_listed():
    header = json.dumps(
        {"config": {}, "dense": True, "tensors": [["w", [3, 4], 6], ["g", [3], 32]]}
    )
    raw = struct.pack("<I", len(header)) + header.encode() + bytes(30)
    coded = zlib.compress(raw)
    prefix = struct.pack("<4sBBII", b"PGLF", 1, 0, len(raw), zlib.crc32(raw))
    weights = read_weights("m", prefix + coded)
    assert listed(weights) == [("w", "int6", (3, 4)), ("g", "float32", (3,))]
    damaged = prefix[:-1] + b"\0" + coded
    assert "checksum" in complaint(damaged).message


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_stopped_at_the_limit_in_every_codec(codec):
    small = replace(LIMITS, weights_bytes=1_000_000)
    bomb = CODECS[codec](archive({"m/data/2": bytes(8_000_000)}))
    problem = complaint(bomb, small)
    assert problem.kind is ProblemKind.HOSTILE
    assert "1000000" in problem.message


def test_a_bomb_inside_an_archive_is_stopped_too():
    small = replace(LIMITS, weights_bytes=1_000_000)
    bomb = archive({"m/data/2": bytes(8_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    assert "8000000 bytes, more than 1000000" in complaint(bomb, small).message


def test_codecs_within_codecs_come_to_an_end():
    data = archive()
    for _ in range(LIMITS.layers + 1):
        data = zlib.compress(data)
    assert f"more than {LIMITS.layers} times" in complaint(data).message


# The museum: each of these has got past some scanner of model files.

CALLS = {
    "os.system": b"cos\nsystem\n(X\x02\x00\x00\x00idtR",
    "by the stack": b"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93(X\x02\x00\x00\x00idtR",
    "builtins.eval": b"cbuiltins\neval\n(X\x01\x00\x00\x001tR",
    "a name that looks like torch": b"ctorch.hub\nload\n)R",
    "a call hidden by POP": b"cos\nsystem\n(X\x02\x00\x00\x00idtR0",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_is_no_models_is_named(call):
    value = b"N" if call.endswith("POP") else b""
    pickled = b"\x80\x02}(" + text("w") + CALLS[call] + value + b"u."
    problems = read_weights("m", archive({"m/data.pkl": pickled})).problems
    name = {"by the stack": "os.system", "a call hidden by POP": "os.system"}.get(call, call)
    name = {"a name that looks like torch": "torch.hub.load"}.get(name, name)
    assert f"loading it would call {name}" in [problem.message for problem in problems]


def test_no_class_of_a_pickle_is_ever_made(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    problems = read_weights("m", pickle.dumps({"w": Trap()})).problems
    assert any("open" in problem.message for problem in problems)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (archive() + b"more", "goes on after the archive"),
        (archive().replace(b"m/data/1", b"m/data/0"), "listed twice"),
        (archive({"../evil": b"x"}), "leaves the archive"),
        (archive({"/etc/passwd": b"x"}), "leaves the archive"),
        (archive({"m/code/x.py": b"import os"}), "no part of a model"),
        (archive({"m/data.pkl": None}), "0 files data.pkl"),
        (archive({"n/data.pkl": STATE}), "2 files data.pkl"),
        (archive({"m/data/0": bytes(23)}), "storage of another size"),
        (archive({"m/data.pkl": STATE + STATE}), "goes on for"),
        (archive({"m/data.pkl": STATE[:-1]}), "malformed"),
        (archive({"m/data.pkl": b"\x80\x02" + b"(" * 50_000 + b"."}), "more instructions"),
        (archive({"m/data.pkl": b"\x80\x02\x82\x01."}), "EXT1"),
        (archive()[:-30], "no end of the directory"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7z"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(40), "rar"),
        (b"plain words, no model", "no container that is known"),
        (b"", "no container that is known"),
    ],
)
def test_what_misleads_a_loader_is_told(data, told):
    assert told in " ".join(p.message for p in read_weights("m", data).problems)


def local_header(data, name):
    return data.index(b"PK\3\4", data.index(name.encode()) - 40)


def patched(data, at, value):
    return data[:at] + value + data[at + len(value) :]


def test_a_local_header_that_differs_from_the_directory_is_told():
    data = archive()
    at = local_header(data, "m/data/0")
    other_name = patched(data, at + 30, b"m/data/9")
    assert "another file by its own header" in complaint(other_name).message
    other_size = patched(data, at + 18, struct.pack("<L", 3))
    assert "another file by its own header" in complaint(other_size).message


def test_a_checksum_broken_on_purpose_is_told():
    data = archive()
    start = data.index(b"m/data/0") + len(b"m/data/0")
    assert "not what the directory says" in complaint(patched(data, start, b"\x01")).message


def test_an_encrypted_member_is_told():
    data = archive()
    local, central = local_header(data, "m/data/0"), data.rindex(b"m/data/0") - 46
    flagged = patched(patched(data, local + 6, b"\x01"), central + 8, b"\x01")
    assert "encrypted" in complaint(flagged).message


def test_members_that_share_their_bytes_are_told():
    data = archive()
    first = data.index(b"m/data/0") - 30
    central = data.rindex(b"m/data/1") - 46
    shared = patched(data, central + 42, struct.pack("<L", first))
    assert "overlaps" in complaint(shared).message


def test_a_tensor_larger_than_its_storage_is_told():
    wide = state(("w", tensor("FloatStorage", "0", 6, (60_000, 60_000))))
    assert "larger than its storage" in complaint(archive({"m/data.pkl": wide})).message


def test_an_object_that_holds_itself_does_not_trap_the_listing():
    loop = b"\x80\x02}q\x00(" + text("self") + b"h\x00u."
    assert read_weights("m", archive({"m/data.pkl": loop})).tensors == ()


def test_a_million_shared_references_take_no_memory():
    doubling = b"\x80\x02]q\x00" + b"".join(
        b"](h" + bytes([n]) + b"h" + bytes([n]) + b"eq" + bytes([n + 1]) for n in range(60)
    )
    assert scan(doubling + b".").names == ()
    assert read_weights("m", doubling + b".").tensors == ()

"""Packed scripts of every shape that is out there, rebuilt small."""

import base64
import bz2
import gzip
import lzma
import zlib

import brotli
import pytest
import zstandard

from pgolf_check.limits import Limits
from pgolf_check.submission.codecs import Budget
from pgolf_check.submission.facts import ProblemKind, Source, SourceRole
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.unpack import unpack

INNER = "import os\n" + "".join(f"loss_{n} = train(step={n})\n" for n in range(200))
RAW = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
B85 = base64.b85encode(lzma.compress(INNER.encode(), lzma.FORMAT_RAW, filters=RAW)).decode()
XZ = base64.b85encode(lzma.compress(INNER.encode())).decode()
FILTER = "[{'id': L.FILTER_LZMA2, 'preset': 6 | L.PRESET_EXTREME}]"


def b64(data):
    return base64.b64encode(data).decode()


def peel(text, files=None, limits=None, path="train_gpt.py"):
    stored = files or {}
    limits = limits or Limits()
    source = Source(path, text, SourceRole.ENTRY)
    root = "/repository/records/track/name"
    return unpack(source, Trees(), root, stored.get, Budget(limits.unpacked_bytes), limits)


def codec(module, payload, decode="base64.b64decode", call="decompress"):
    return f"import {module},base64\nexec({module}.{call}({decode}({payload!r})))"


WRITTEN = (
    f"import lzma as L,base64 as B,os,tempfile,runpy,sys\n_c=L.decompress(B.b85decode({XZ!r}))\n"
)
XZ_OF = "exec(lzma.decompress(base64.b85decode({})))"
SHAPES = {
    "raw lzma": "import lzma as L,base64 as B\n"
    f"exec(L.decompress(B.b85decode({B85!r}),format=L.FORMAT_RAW,filters={FILTER}))",
    "xz": codec("lzma", XZ, "base64.b85decode"),
    "linecache": f"import lzma as L,base64 as B,linecache as C\nS=L.decompress(B.b85decode({XZ!r}))"
    ".decode()\nF=__file__+'.py'\nC.cache[F]=(len(S),None,S.splitlines(True),F)\n"
    "exec(compile(S,F,'exec'))",
    "zlib": codec("zlib", b64(zlib.compress(INNER.encode()))),
    "gzip": codec("gzip", b64(gzip.compress(INNER.encode(), mtime=0))),
    "bz2 of hex": codec("bz2", bz2.compress(INNER.encode()).hex(), "bytes.fromhex"),
    "zstd": codec(
        "zstandard", b64(zstandard.compress(INNER.encode())), call="ZstdDecompressor().decompress"
    ),
    "brotli": codec(
        "brotli", base64.a85encode(brotli.compress(INNER.encode())).decode(), "base64.a85decode"
    ),
    "temporary file": WRITTEN + "_d=tempfile.mkdtemp()\n_f=os.path.join(_d,'train_gpt.py')\n"
    "open(_f,'wb').write(_c)\nrunpy.run_path(_f,run_name='__main__')",
    "importlib": WRITTEN + "import importlib.util as IU\n_p='/tmp/inner.py'\n"
    "with open(_p,'wb')as _f:_f.write(_c)\n_s=IU.spec_from_file_location('__main__',_p)\n"
    "_m=IU.module_from_spec(_s)\n_s.loader.exec_module(_m)",
    "joined tuple": f"import lzma,base64\n_D=({XZ[:50]!r},{XZ[50:]!r})\n"
    + XZ_OF.format("''.join(_D)"),
    "joined string": f"import lzma,base64\n_D=({XZ[:50]!r}\n{XZ[50:]!r})\n"
    + XZ_OF.format("''.join(_D)"),
    "removed line ends": f"import lzma,base64\n_b=b'''{XZ[:60]}\n{XZ[60:]}'''\n"
    + XZ_OF.format("_b.replace(b'\\n',b'')"),
    "split literal": "import lzma,base64\n" + XZ_OF.format(f"{XZ[:9]!r}+{XZ[9:]!r}"),
    "own alphabet": "import lzma,base64\n"
    f"S={XZ.translate(str.maketrans('abc', 'bca'))!r}\n"
    + XZ_OF.format("S.translate(str.maketrans('bca','abc'))"),
    "inner function": "import lzma,base64\n"
    f"def u(s):\n return lzma.decompress(base64.b85decode(s))\nexec(u({XZ!r}))",
    "lambda": "import lzma,base64\n"
    f"u=lambda s:lzma.decompress(base64.b85decode(s))\nexec(u({XZ!r}))",
    "hidden names": "b=__import__('base64')\nd=getattr(__import__('lz'+'ma'),'decompress')\n"
    f"import builtins\ngetattr(builtins,'ex'+'ec')(d(b.b85decode({XZ!r})))",
    "xor": f"S={[byte ^ 7 for byte in INNER.encode()]}\nexec(bytes(x ^ 7 for x in S))",
    "reads itself": "import lzma,base64\nL=open(__file__).read().split('#'*9)[1]\n"
    + XZ_OF.format("L.strip()")
    + f"\n#########{XZ}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_inner_script_with_its_own_lines(shape):
    text = SHAPES[shape]
    found = peel(text, {"train_gpt.py": text.encode()})
    assert found.core.text == INNER
    assert found.core.layer == 1
    assert found.core.anchor > 0
    assert [wrapper.text for wrapper in found.wrappers] == [text]
    assert found.problems == ()


def test_layers_are_numbered_and_anchored_in_the_file():
    one = codec("zlib", b64(zlib.compress(INNER.encode(), 0)))
    two = "\n\n" + codec("bz2", b64(bz2.compress(one.encode())))
    found = peel(two)
    assert [(w.layer, w.anchor) for w in found.wrappers] == [(0, 0), (1, 4)]
    assert (found.core.layer, found.core.anchor, found.core.text) == (2, 4, INNER)


def test_a_wrapper_that_sets_the_environment_stays_visible():
    text = "import os\nos.environ.setdefault('TTT_ENABLED','1')\n" + SHAPES["xz"]
    assert "TTT_ENABLED" in peel(text).wrappers[0].text


def test_a_bundle_becomes_its_files():
    module = "def helper():\n    return 1\n" * 9
    bundle = b64(zlib.compress("\n#==\n".join([INNER, module, "int x;"]).encode()))
    found = peel(
        "import zlib,base64,os,tempfile\n"
        f"_p=zlib.decompress(base64.b64decode({bundle!r})).decode().split('\\n#==\\n')\n"
        "_d=tempfile.mkdtemp()\n"
        "for _n,_c in zip(['run.py','helper.py','csrc/op.cu'],_p):\n"
        " with open(os.path.join(_d,_n),'w') as f:f.write(_c)\n"
        "exec(open(os.path.join(_d,'run.py')).read())\n"
    )
    assert found.core.text == INNER
    assert {(m.module, m.role) for m in found.modules} == {
        ("helper", SourceRole.MODULE),
        ("op", SourceRole.NATIVE),
    }


def test_a_launcher_is_followed_to_its_sibling():
    text = "exec(open(__file__.replace('train_gpt.py','other.py')).read())"
    assert peel(text, {"other.py": INNER.encode()}).follows == "other.py"
    text = "import os,runpy\nrunpy.run_path(os.path.join(os.path.dirname(__file__),'x.py'))"
    assert peel(text).follows == "x.py"


def test_a_payload_beside_the_script_is_read():
    text = (
        "import lzma,pathlib\n"
        "exec(lzma.decompress(pathlib.Path(__file__).with_suffix('.py.lzma').read_bytes()))"
    )
    found = peel(text, {"submission.py.lzma": lzma.compress(INNER.encode())}, path="submission.py")
    assert found.core.text == INNER


@pytest.mark.parametrize(
    "text",
    [
        "import os\nexec(os.environ['CODE'])",
        "import urllib.request as u\nexec(u.urlopen('http://x').read())",
        "def f():\n    exec(unknown)\n",
        "for x in []:\n    exec(x)\n",
        "import zlib,base64\nexec(zlib.decompress(base64.b64decode('bm90IHpsaWI=')))",
        "import marshal\nexec(marshal.loads(b'abc'))",
    ],
)
def test_code_that_only_a_run_would_show_is_reported(text):
    assert [p.kind for p in peel(text).problems] == [ProblemKind.UNPACKED]


BOMBS = {
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "gzip": gzip.compress,
    "lzma": lzma.compress,
    "brotli": brotli.compress,
    "zstandard": zstandard.compress,
}


@pytest.mark.parametrize("codec", BOMBS)
def test_a_bomb_in_a_wrapper_is_hostile_and_bounded(codec):
    bomb = b64(BOMBS[codec](bytes(4 << 20)))
    text = f"import {codec},base64\nexec({codec}.decompress(base64.b64decode({bomb!r})))"
    kinds = {p.kind for p in peel(text, limits=Limits(unpacked_bytes=1 << 20)).problems}
    assert ProblemKind.HOSTILE in kinds


def test_endless_layers_and_endless_loops_end():
    text = INNER
    for _ in range(4):
        packed = b64(zlib.compress(text.encode(), 0))
        text = f"import zlib,base64\nexec(zlib.decompress(base64.b64decode({packed!r})))"
    found = peel(text, limits=Limits(layers=3))
    assert found.problems[-1].kind is ProblemKind.HOSTILE
    rows = "R=range(1000000)\nfor a in R:\n for b in R:\n  c=a+b\nexec(c)"
    assert {p.kind for p in peel(rows).problems} == {ProblemKind.UNPACKED}


@pytest.mark.parametrize(
    "text",
    [
        "exec('a' * 10**10)",
        "exec(b'a' * (1 << 40))",
        "x = 'a' * 1000000\nexec(x.replace('a', x))",
        "x = 'a' * 1000000\nexec(x.join([x] * 1000))",
        "x = 1 << 10**9\nexec(x)",
        "x = 10 ** 10 ** 10\nexec(x)",
        "exec(bytes(10**10))",
        "exec(list(range(10**10)))",
        "exec('{:>9999999999}'.format(1))",
        "exec('%9999999999d' % 1)",
        "exec('a'.ljust(10**10))",
        "exec('a'.translate({97: 'b' * 1000000}) * 1)",
        "x = 'a' * 1000000\nexec(x.translate({97: x}))",
        "def f(x):\n return f(x)\nexec(f(1))",
        "x = 'ab'\nx = x * 500000\nx = x + x + x\nexec(','.join(x) * 2)",
    ],
)
def test_values_that_would_grow_without_bound_stay_small(text):
    found = peel(text)
    assert len(found.core.text) < 10_000_000

"""Presets: TOML files read into dataclasses, every key typed and checked."""

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from training.config import Preset
from training.errors import TrainingError

HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The presets that ship with the library."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def load(name: str, settings: Sequence[str] = ()) -> Preset:
    """The preset called `name` with `key=value` settings on top."""
    path = HERE / f"{name}.toml"
    if name not in names():
        raise TrainingError(f"no preset {name!r}.{_suggest(name, names())}")
    return read(path, name, settings)


def read(path: Path, name: str, settings: Sequence[str] = ()) -> Preset:
    """The preset in a TOML file with `key=value` settings on top."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TrainingError(f"{path}: cannot be read as a preset: {error}") from error
    for setting in settings:
        _override(table, setting)
    preset = _build(Preset, {"name": name, **table}, "")
    _check(preset)
    return preset


def dump(preset: Preset) -> str:
    """The preset as TOML, complete, so that a folder carries what it was trained with."""
    lines: list[str] = []
    for section in dataclasses.fields(preset):
        value = getattr(preset, section.name)
        if not dataclasses.is_dataclass(value):
            continue
        lines.append(f"[{section.name}]")
        tables: list[str] = []
        for item in dataclasses.fields(value):
            content = getattr(value, item.name)
            if isinstance(content, tuple) and content and dataclasses.is_dataclass(content[0]):
                for row in content:
                    tables.append(f"\n[[{section.name}.{item.name}]]")
                    tables += [f"{k} = {_toml(v)}" for k, v in vars(row).items()]
            else:
                lines.append(f"{item.name} = {_toml(content)}")
        lines += [*tables, ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value)


def _override(table: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    section, dot, name = key.strip().partition(".")
    if not equals or not dot:
        raise TrainingError(f"--set {setting!r} is not of the form section.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string
    target = table.setdefault(section, {})
    if not isinstance(target, dict):
        raise TrainingError(f"--set {setting!r}: {section!r} is not a section")
    target[name] = value


def _build(kind: Any, table: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for key, value in table.items():
        path = f"{where}.{key}" if where else key
        if key not in hints:
            raise TrainingError(f"unknown setting {path!r}.{_suggest(key, hints)}")
        values[key] = _convert(hints[key], value, path)
    return kind(**values)


def _convert(hint: Any, value: Any, path: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(hint, value, path)
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_convert(get_args(hint)[0], item, path) for item in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and type(value) is hint:
        return value
    raise TrainingError(f"{path} must be {getattr(hint, '__name__', hint)}, not {value!r}")


def _suggest(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(known)}"


def _check(preset: Preset) -> None:
    """Refuse what no run could use, before anything is allocated."""
    model, data, evaluate = preset.model, preset.data, preset.evaluate
    demands = (
        (
            min(model.layers, model.width, model.heads, model.kv_heads, model.hidden) > 0,
            "model sizes must be positive",
        ),
        (model.width % model.heads == 0, "model.width must be a multiple of model.heads"),
        (model.heads % model.kv_heads == 0, "model.heads must be a multiple of model.kv_heads"),
        (model.head_width % 2 == 0, "a head must have an even number of channels"),
        (4 < model.vocab <= 65_536, "model.vocab must fit uint16 and hold more than the specials"),
        (data.loader in ("sequential", "shuffled"), "data.loader: sequential or shuffled"),
        (
            data.batch_tokens % (data.micro_batches * data.sequence) == 0,
            "data.batch_tokens must be a multiple of data.micro_batches * data.sequence",
        ),
        (preset.schedule.steps > 0, "schedule.steps must be positive"),
        (preset.machine.precision in ("", "bf16", "fp32"), "machine.precision: bf16 or fp32"),
        (preset.machine.compile in ("", "on", "off"), "machine.compile: on or off"),
        (preset.schedule.log_every > 0, "schedule.log_every must be positive"),
        (0 <= preset.average.ema < 1, "average.ema must be in [0, 1)"),
        (preset.qat.bits == 0 or 4 <= preset.qat.bits <= 8, "qat.bits must be 0 or 4 to 8"),
        (
            all(rule.bits in (5, 6, 7, 8, 16, 32) for rule in preset.quantise.rules),
            "quantise.rules: bits must be 5, 6, 7, 8, 16 or 32",
        ),
        (
            set(preset.pack.codecs) <= {"zlib", "lzma", "zstd", "brotli"} and preset.pack.codecs,
            "pack.codecs: any of zlib, lzma, zstd, brotli",
        ),
        (
            set(evaluate.kinds) <= {"standard", "sliding", "documents", "ttt-sgd", "ttt-lora"}
            and evaluate.kinds,
            "evaluate.kinds: any of standard, sliding, documents, ttt-sgd, ttt-lora",
        ),
        (
            0 < evaluate.stride <= evaluate.sequence,
            "evaluate.stride must be in 1..evaluate.sequence",
        ),
        (
            min(evaluate.batch, evaluate.ttt_chunk, evaluate.lora_chunk, evaluate.lora_rank) > 0,
            "evaluate.batch, ttt_chunk, lora_chunk and lora_rank must be positive",
        ),
        (
            evaluate.lora_chunk <= evaluate.sequence,
            "evaluate.lora_chunk must not exceed evaluate.sequence",
        ),
    )
    for holds, demand in demands:
        if not holds:
            raise TrainingError(f"{preset.name}: {demand}")

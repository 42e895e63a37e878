"""submission.json in canonical form, whichever of its thousand spellings was used."""

import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgolf_check.findings import Place
from pgolf_check.submission import aliases, amounts
from pgolf_check.submission.aliases import Spelling
from pgolf_check.submission.facts import Claimed, Manifest, Problem, ProblemKind, SeedClaim
from pgolf_check.submission.strict_json import decode_json

Table = Mapping[str, Any]
Convert = Callable[[Any, str], float | int | str | None]

_NO_BPB = 1.6  # natural-log losses of this contest lie above, bits per byte below
_SEEDS = 100


def read_manifest(path: str, data: bytes) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The record a submission.json states, and what is wrong with it."""
    decoded = decode_json(path, data)
    if not isinstance(decoded.value, dict):
        problems = decoded.problems or (_problem(path, "is not a JSON object"),)
        return None, problems
    table = decoded.value
    seeds = _seeds(table)
    manifest = Manifest(
        path,
        val_bpb=_score(table, seeds),
        val_loss=_claim(table, aliases.VAL_LOSS, _number),
        val_bpb_std=_claim(table, aliases.VAL_BPB_STD, _number),
        author=_claim(table, aliases.AUTHOR, _text),
        name=_claim(table, aliases.NAME, _text),
        date=_claim(table, aliases.DATE, _text),
        track=_claim(table, aliases.TRACK, _text),
        hardware=_claim(table, aliases.HARDWARE, _text),
        bytes_total=_claim(table, aliases.BYTES_TOTAL, _bytes),
        bytes_code=_claim(table, aliases.BYTES_CODE, _bytes),
        bytes_model=_claim(table, aliases.BYTES_MODEL, _bytes),
        train_seconds=_claim(table, aliases.TRAIN_SECONDS, _seconds),
        eval_seconds=_claim(table, aliases.EVAL_SECONDS, _seconds),
        steps=_claim(table, aliases.STEPS, _whole),
        seeds=seeds,
        seed_count=_seed_count(table, seeds),
    )
    return manifest, decoded.problems + tuple(_unusable(manifest))


def _score(table: Table, seeds: tuple[SeedClaim, ...]) -> Claimed | None:
    """The score it claims: by name, as the mean of its seeds, or wherever else one stands."""
    named = _claim(table, aliases.VAL_BPB, _bpb)
    if named and named.value is not None:
        return named
    scores = [seed.val_bpb for seed in seeds if seed.val_bpb is not None]
    if scores:
        return Claimed(
            round(math.fsum(scores) / len(scores), 8), "mean of seeds", str(scores)[:300]
        )
    if named:
        return named
    if stopgap := _claim(table, aliases.STOPGAP_BPB, _bpb):
        return stopgap
    for path, nested in _nested(table):
        inner = _claim(nested, aliases.VAL_BPB, _bpb)
        if inner and inner.value is not None:
            return replace(inner, key=f"{path}.{inner.key}")
    loss = _claim(table, aliases.VAL_LOSS, _bpb)
    return loss if loss and isinstance(loss.value, float) and loss.value < _NO_BPB else None


def _nested(table: Table) -> Iterator[tuple[str, Table]]:
    """The objects inside, nearest first, but for those that speak of other scores."""
    waiting: deque[tuple[str, Any]] = deque([("", table)])
    while waiting:
        path, value = waiting.popleft()
        if isinstance(value, Mapping):
            if path:
                yield path, value
            waiting += [
                (f"{path}.{key}".lstrip("."), inner)
                for key, inner in value.items()
                if not aliases.STOPGAP_BPB.but.search(key)
            ]
        elif isinstance(value, list):
            waiting += [(f"{path}[{at}]", inner) for at, inner in enumerate(value[:_SEEDS])]


def _claim(table: Table, spelling: Spelling, convert: Convert) -> Claimed | None:
    """The first spelling that holds a value; else the first that is there at all."""
    present: Claimed | None = None
    for key, raw in _spelt(table, spelling):
        claimed = Claimed(_first(raw, key, convert), key, _raw(raw))
        if claimed.value is not None:
            return claimed
        present = present or claimed
    return present


def _spelt(table: Table, spelling: Spelling) -> Iterator[tuple[str, Any]]:
    for key in spelling.keys:
        found = _at(table, key)
        if found is not _ABSENT:
            yield key, found
    for key, raw in table.items():
        if spelling.matches(key):
            yield key, raw


_ABSENT = object()


def _at(table: Table, key: str) -> Any:
    """The value under a dotted key."""
    here: Any = table
    for part in key.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return _ABSENT
        here = here[part]
    return here


def _first(raw: Any, key: str, convert: Convert) -> float | int | str | None:
    """A plain value, the mean of an object, or the mean over a list or table of seeds."""
    if isinstance(raw, Mapping):
        for name in ("mean", "value", "avg", "val_bpb", "max", "total", "name"):
            if name in raw:
                return _first(raw[name], key, convert)
        raw = [value for name, value in raw.items() if aliases.SEED_KEY.match(name)]
    if isinstance(raw, list):
        values = [convert(value, key) for value in raw[:_SEEDS]]
        numbers = [v for v in values if isinstance(v, int | float)]
        if numbers and len(numbers) == len(values):
            return round(math.fsum(numbers) / len(numbers), 8)
        texts = [_text(v.get("name"), key) if isinstance(v, Mapping) else v for v in values]
        return ", ".join(v for v in texts if isinstance(v, str)) or None
    return convert(raw, key)


def _seeds(table: Table) -> tuple[SeedClaim, ...]:
    """The claims of single seeds, from the first table that holds scores, else any seeds."""
    named = {
        k: v
        for k, v in table.items()
        if k.lower().startswith("seed_") and aliases.SEED_KEY.match(k)
    }
    found = [tuple(_rows(named, ""))] if named else []
    for key in aliases.SEED_TABLES:
        rows = _at(table, key)
        if isinstance(rows, Mapping | list):
            found.append(tuple(_rows(rows, key)))
    scored = next((seeds for seeds in found if any(s.val_bpb is not None for s in seeds)), ())
    numbered = next((seeds for seeds in found if any(s.seed is not None for s in seeds)), ())
    if scored and len(scored) == len(numbered) and all(s.seed is None for s in scored):
        pairs = zip(scored, numbered, strict=True)  # a list of seeds beside a list of scores
        return tuple(replace(score, seed=seed.seed) for score, seed in pairs)
    if scored or numbered:
        return scored or numbered
    seed = amounts.whole(table.get("seed"))
    return (SeedClaim(seed, key="seed"),) if seed is not None else ()


def _rows(rows: Mapping[str, Any] | list[Any], key: str) -> Iterator[SeedClaim]:
    if isinstance(rows, Mapping):
        for name, row in list(rows.items())[:_SEEDS]:
            if match := aliases.SEED_KEY.match(name):
                yield _row(int(match[1]), row, f"{key}.{name}".lstrip("."))
        return
    for at, row in enumerate(rows[:_SEEDS]):
        if isinstance(row, Mapping):
            yield _row(amounts.whole(row.get("seed")), row, f"{key}[{at}]")
        elif key == "seeds" and isinstance(row, int):
            yield SeedClaim(row, key=f"{key}[{at}]")
        elif isinstance(row, float):
            yield SeedClaim(None, _bpb(row, key), key=f"{key}[{at}]")


def _row(seed: int | None, row: Any, key: str) -> SeedClaim:
    if not isinstance(row, Mapping):
        return SeedClaim(seed, _bpb(row, key), key=key)

    def stated(spelling: Spelling, convert: Convert) -> Any:
        claimed = _claim(row, spelling, convert)
        return claimed.value if claimed else None

    return SeedClaim(
        seed,
        val_bpb=stated(aliases.VAL_BPB, _bpb),
        val_loss=stated(aliases.VAL_LOSS, _number),
        bytes_total=stated(aliases.BYTES_TOTAL, _bytes),
        train_seconds=stated(aliases.TRAIN_SECONDS, _seconds),
        eval_seconds=stated(aliases.EVAL_SECONDS, _seconds),
        steps=stated(aliases.STEPS, _whole),
        key=key,
    )


def _seed_count(table: Table, seeds: tuple[SeedClaim, ...]) -> int | None:
    for key in aliases.SEED_COUNTS:
        count = amounts.whole(_at(table, key)) if _at(table, key) is not _ABSENT else None
        if count is not None:
            return count
    rows = table.get("seeds")
    if isinstance(rows, int) and not isinstance(rows, bool) and 0 < rows <= _SEEDS:
        return rows
    return len(seeds) or None


def _unusable(manifest: Manifest) -> Iterator[Problem]:
    for claimed in (manifest.val_bpb, manifest.val_loss, manifest.bytes_total):
        if claimed and claimed.value is None:
            shown = claimed.raw[:60]
            yield _problem(manifest.path, f"{claimed.key} holds {shown}, which is no number")


def _bpb(value: Any, key: str) -> float | None:
    del key
    found = amounts.number(value)
    return found if found is not None and 0 < found < 100 else None


def _number(value: Any, key: str) -> float | None:
    del key
    return amounts.number(value)


def _whole(value: Any, key: str) -> int | None:
    del key
    return amounts.whole(value)


def _bytes(value: Any, key: str) -> int | None:
    found = amounts.number(value)
    if found is not None and key.endswith("_mb"):
        return round(found * 1_000_000)
    return amounts.whole(value)


def _seconds(value: Any, key: str) -> float | None:
    return amounts.seconds(value, key)


def _text(value: Any, key: str) -> str | None:
    del key
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else None


def _raw(value: Any) -> str:
    return value[:300] if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:300]


def _problem(path: str, message: str) -> Problem:
    return Problem(ProblemKind.MALFORMED, message, Place(path))

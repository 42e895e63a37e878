"""JSON from strangers: every oddity the standard loader lets pass is told, nothing is raised."""

import json
import math
from dataclasses import dataclass
from typing import Any

from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import Problem, ProblemKind

Json = dict[str, Any] | list[Any] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A value, None where nothing could be decoded, and what was wrong with its text."""

    value: Json
    problems: tuple[Problem, ...]


def decode_json(path: str, data: bytes, limits: Limits = LIMITS) -> Decoded:
    """The value that `data` holds; numbers that no measurement can be are None."""
    decoder = _Decoder(path, limits)
    value = decoder.decode(data)
    return Decoded(value, tuple(dict.fromkeys(decoder.problems)))


class _Decoder:
    def __init__(self, path: str, limits: Limits) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._limits = limits

    def decode(self, data: bytes) -> Json:
        if len(data) > self._limits.json_bytes:
            return self._refuse(f"has {len(data)} bytes, more than {self._limits.json_bytes}")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._tell(f"is not UTF-8 at byte {error.start}")
            text = data.decode("utf-8-sig", "replace")
        if _depth(text) > self._limits.json_depth:
            return self._refuse(f"is nested deeper than {self._limits.json_depth}")
        scanner = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=self._constant,
        )
        start = len(text) - len(text.lstrip(" \t\r\n"))
        try:
            value, end = scanner.raw_decode(text, start)
        except json.JSONDecodeError as error:
            self._tell(f"is not JSON: {error.msg}", error.lineno)
            return None
        if text[end:].strip(" \t\r\n"):
            self._tell("goes on after the JSON value ends", text.count("\n", 0, end) + 1)
        return self._encodable(value)

    def _encodable(self, value: Json) -> Json:
        plain = json.dumps(value, ensure_ascii=False)
        try:
            plain.encode()
        except UnicodeEncodeError:
            self._tell("holds half of a surrogate pair")
            repaired: Json = json.loads(plain.encode("utf-8", "replace"))
            return repaired
        return value

    def _object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        value = dict(pairs)
        if len(value) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self._tell(f"says {key[:80]!r} twice; the last one counts")
                seen.add(key)
        return value

    def _float(self, digits: str) -> float | None:
        number = float(digits) if self._is_short(digits) else math.inf
        return number if math.isfinite(number) else self._constant(digits)

    def _int(self, digits: str) -> int | None:
        return int(digits) if self._is_short(digits) else self._constant(digits)

    def _is_short(self, digits: str) -> bool:
        return len(digits) <= self._limits.number_digits

    def _constant(self, digits: str) -> Any:
        """None, for what JSON allows or Python accepts but no measurement gives."""
        shown = digits if len(digits) <= 20 else f"{digits[:20]}… ({len(digits)} characters)"
        self._tell(f"{shown} is no number a measurement gives")
        return None

    def _refuse(self, message: str) -> Json:
        self.problems.append(Problem(ProblemKind.HOSTILE, message, Place(self._path)))
        return None

    def _tell(self, message: str, line: int = 0) -> None:
        self.problems.append(Problem(ProblemKind.MALFORMED, message, Place(self._path, line)))


def _depth(text: str) -> int:
    """How deep the brackets go, found without recursion."""
    deepest = depth = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest

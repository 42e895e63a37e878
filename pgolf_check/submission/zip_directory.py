"""The members of a zip archive, by its directory and by its local headers, which must agree.

Tools that trust one of the two can be shown another archive than the tool that loads it. Whatever
differs, overlaps, hides behind the end or leaves the archive is refused.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pgolf_check.submission.codecs import CodecError, unzlib

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_COMMENT = 65_535
_MEMBERS = 10_000
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8
_STORED, _DEFLATED = 0, 8


class ArchiveError(Exception):
    """An archive that is damaged or built to mislead."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int  # of its local header


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive whose directory holds."""

    data: bytes
    members: dict[str, Member]

    def read(self, name: str, limit: int) -> bytes:
        """The content of a member, checked against its stated size and checksum."""
        member = self.members[name]
        if member.size > limit:
            raise ArchiveError(f"{name} has {member.size} bytes, more than {limit}")
        start = _content(self.data, member)
        packed = self.data[start : start + member.packed]
        try:
            content = packed if member.method == _STORED else unzlib(packed, member.size, -15)
        except CodecError as error:
            raise ArchiveError(f"{name}: {error}") from error
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise ArchiveError(f"{name} is not what the directory says it is")
        return content


def open_archive(data: bytes) -> Archive:
    """The archive that `data` is, from its first byte to its last."""
    end, count, size, start = _end(data)
    if start + size != end:
        raise ArchiveError("the directory does not end where the archive does")
    members: dict[str, Member] = {}
    for member in _directory(data, start, count):
        if member.name in members:
            raise ArchiveError(f"{member.name} is listed twice")
        members[member.name] = member
    _check_layout(data, sorted(members.values(), key=lambda member: member.offset), start)
    return Archive(data, members)


def _end(data: bytes) -> tuple[int, int, int, int]:
    """Where the directory ends, its count of members, its size and its start."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - _COMMENT))
    if at < 0 or at + _END.size > len(data):
        raise ArchiveError("there is no end of the directory")
    _, disk, first, here, count, size, start, comment = _END.unpack_from(data, at)
    if at + _END.size + comment != len(data):
        raise ArchiveError("the file goes on after the archive ends")
    if disk or first or here != count:
        raise ArchiveError("the archive is spread over several files")
    locator = at - _LOCATOR.size
    if locator >= 0 and data[locator : locator + 4] == b"PK\6\7":
        return _end64(data, locator)
    if count == _FULL16 or _FULL32 in (size, start):
        raise ArchiveError("the end of the directory states no sizes")
    return at, count, size, start


def _end64(data: bytes, locator: int) -> tuple[int, int, int, int]:
    _, _, at, _ = _LOCATOR.unpack_from(data, locator)
    if at + _END64.size != locator or data[at : at + 4] != b"PK\6\6":
        raise ArchiveError("the large end of the directory is not where it should be")
    _, _, _, _, disk, first, here, count, size, start = _END64.unpack_from(data, at)
    if disk or first or here != count:
        raise ArchiveError("the archive is spread over several files")
    return at, count, size, start


def _directory(data: bytes, start: int, count: int) -> Iterator[Member]:
    if count > _MEMBERS:
        raise ArchiveError(f"{count} members, more than {_MEMBERS}")
    at = start
    for _ in range(count):
        if at + _CENTRAL.size > len(data) or data[at : at + 4] != b"PK\1\2":
            raise ArchiveError("the directory is cut short")
        fields = _CENTRAL.unpack_from(data, at)
        flags, method, crc, packed, size = fields[3], fields[4], *fields[7:10]
        name_size, extra_size, comment_size, offset = *fields[10:13], fields[16]
        name = data[at + _CENTRAL.size : at + _CENTRAL.size + name_size]
        extra = data[at + _CENTRAL.size + name_size :][:extra_size]
        size, packed, offset = _large(extra, [size, packed, offset])
        yield Member(_name(name), method, flags, crc, packed, size, offset)
        at += _CENTRAL.size + name_size + extra_size + comment_size


def _large(extra: bytes, values: list[int]) -> list[int]:
    """The values with those that are too large for their field taken from the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            for index, value in enumerate(values):
                if value == _FULL32 and len(field) >= 8:
                    values[index] = int.from_bytes(field[:8], "little")
                    field = field[8:]
        at += 4 + length
    return values


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArchiveError("a member's name is not UTF-8") from error
    parts = name.split("/")
    if not name or "\0" in name or "\\" in name or name.startswith("/") or ".." in parts:
        raise ArchiveError(f"{name!r} leaves the archive")
    return name


def _check_layout(data: bytes, members: list[Member], directory: int) -> None:
    """Every member lies before the directory, clear of the others, and is as listed."""
    free = 0
    for member in members:
        if member.flags & _ENCRYPTED or member.method not in (_STORED, _DEFLATED):
            raise ArchiveError(f"{member.name} is encrypted or packed in an unusual way")
        if member.offset < free:
            raise ArchiveError(f"{member.name} overlaps another member")
        free = _content(data, member) + member.packed
        if free > directory:
            raise ArchiveError(f"{member.name} reaches into the directory")


def _content(data: bytes, member: Member) -> int:
    """Where a member's content begins, after a local header that agrees with the directory."""
    at = member.offset
    if at + _LOCAL.size > len(data) or data[at : at + 4] != b"PK\3\4":
        raise ArchiveError(f"{member.name} is not where the directory says it is")
    fields: tuple[int, ...] = _LOCAL.unpack_from(data, at)[1:]
    _, flags, method, _, _, crc, packed, size, name_size, extra_size = fields
    name = data[at + _LOCAL.size : at + _LOCAL.size + name_size]
    extra = data[at + _LOCAL.size + name_size :][:extra_size]
    size, packed = _large(extra, [size, packed])
    stated = (crc, packed, size)
    listed = (member.crc, member.packed, member.size)
    follows = flags & _SIZES_FOLLOW and not any(stated)
    same = name == member.name.encode() and method == member.method
    if not same or flags != member.flags or (stated != listed and not follows):
        raise ArchiveError(f"{member.name} is another file by its own header")
    return at + _LOCAL.size + name_size + extra_size

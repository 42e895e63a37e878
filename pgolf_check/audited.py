"""What an audit leaves behind for its reports: a judgement, and what it is a judgement of."""

from dataclasses import dataclass

from pgolf_check.findings import Judgement
from pgolf_check.law import Rule
from pgolf_check.submission.facts import Headline, Target, Track


@dataclass(frozen=True, slots=True)
class CodeRead:
    """One source that was judged, without its text."""

    path: str
    role: str
    layer: int = 0
    codec: str = ""


@dataclass(frozen=True, slots=True)
class Audited:
    """One submission and what the referee says of it; small enough to leave the worker."""

    target: Target
    judgement: Judgement
    rules: tuple[Rule, ...]  # those that were put to the case
    edition: str
    track: Track = Track.UNKNOWN
    copy_of: str = ""
    headline: Headline | None = None  # None where nothing could be read
    code: tuple[CodeRead, ...] = ()
    logs: tuple[str, ...] = ()

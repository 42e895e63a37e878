"""Everything there is to say of a new record against an old one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgolf_check.editions import Edition
from pgolf_check.measure.check import Recomputed
from pgolf_check.measure.gates import Gate, Hypothesis, gate, hypotheses
from pgolf_check.measure.quoted import recompute
from pgolf_check.measure.readings import MARGIN
from pgolf_check.measure.samples import Sample
from pgolf_check.measure.units import NATS_PER_BYTE, Unit, nats_per_token
from pgolf_check.measure.warnings import Doubt, Warned, doubts_about


@dataclass(frozen=True, slots=True)
class Improvement:
    """Old mean less new mean in the units people use; None where the tokenizer is unknown."""

    bpb: float | None
    nats_per_token: float | None
    nats_per_byte: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole answer. `chosen` is the gate that decides the exit code."""

    new: Sample
    old: Sample
    unit: Unit
    improvement: Improvement
    hypotheses: tuple[Hypothesis, ...]  # none at all, then the margin of 0.005 nats per token
    gates: tuple[Gate, ...]
    chosen: Gate
    warnings: tuple[Warned, ...]
    quoted: tuple[Recomputed, ...]


def compare(
    new: Sample,
    old: Sample,
    editions: Sequence[Edition],
    chosen: Edition,
    warned: Sequence[Warned] = (),
    text: str = "",
    records: Sequence[Sample] = (),
) -> Comparison:
    """Two samples under every edition.

    Figures that `text` quotes are recomputed, against `records` too where it names them.
    """
    notes = list(warned)
    if new.bytes_per_token is None and old.bytes_per_token is not None:
        new = replace(new, bytes_per_token=old.bytes_per_token)
        message = f"{new.name}: tokenizer not given, that of {old.name} assumed"
        notes.append(Warned(Doubt.TOKENIZER_ASSUMED, message))
    elif old.bytes_per_token is None and new.bytes_per_token is not None:
        old = replace(old, bytes_per_token=new.bytes_per_token)
    unit = Unit.BPB if Unit.BPB in (new.unit, old.unit) else Unit.NATS
    if new.unit is not old.unit:
        new, old = new.measured_in(unit), old.measured_in(unit)
    gates = tuple(gate(edition, new, old) for edition in editions)
    asked = next(each for each in gates if each.edition == chosen)
    notes += doubts_about(new, old, gates)
    return Comparison(
        new=new,
        old=old,
        unit=unit,
        improvement=_improvement(new, old),
        hypotheses=(*hypotheses(new, old, 0.0), *hypotheses(new, old, MARGIN)),
        gates=gates,
        chosen=asked,
        warnings=tuple(dict.fromkeys(notes)),
        quoted=tuple(recompute(text, new, old, records)) if text else (),
    )


def _improvement(new: Sample, old: Sample) -> Improvement:
    """Per token by the new record's tokenizer, in which its own log counts."""
    difference = old.summary.mean - new.summary.mean
    scale = nats_per_token(new.bytes_per_token) if new.bytes_per_token else None
    if new.unit is Unit.NATS:
        bpb = difference / scale if scale else None
        return Improvement(bpb, difference, None if bpb is None else bpb * NATS_PER_BYTE)
    per_token = difference * scale if scale else None
    return Improvement(difference, per_token, difference * NATS_PER_BYTE)

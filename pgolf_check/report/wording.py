"""Sentences that the reports for people share. What they return is still to be escaped."""

from pgolf_check.audited import Audited
from pgolf_check.findings import Axis, Judgement, Recognised, Status


def origin_of(audited: Audited) -> str:
    """Where the submission comes from: track, ref, commit, and what was read."""
    target = audited.target
    words = [f"{audited.track} track"]
    if target.commit:
        words += [target.ref, f"commit {target.commit[:12]}"]
    entry = next((source for source in audited.code if source.role == "entry"), None)
    if entry:
        packed = f" (unpacked, layer {entry.layer})" if entry.layer else ""
        words.append(f"{entry.path}{packed}")
    words.append(counted(len(audited.logs), "log"))
    return " · ".join(words)


def claim_of(audited: Audited) -> str:
    """The score that the submission stands for, and whether its logs carry it."""
    headline = audited.headline
    if headline is None or headline.val_bpb is None:
        return ""
    standing = "its logs agree" if headline.supported else headline.reason
    return f"claims {headline.val_bpb:.5f} bits per byte; {standing}"


def axis_reason(judgement: Judgement, axis: Axis) -> str:
    """What decided an axis, in a few words."""
    parts = []
    for status in Status:
        found = [f for f in judgement.findings if f.axis is axis and f.status is status]
        if found:
            names = list(dict.fromkeys(finding.rule for finding in found))
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
            parts.append(f"{status}: {shown}")
    return "; ".join(parts)


def clean_rules(judgement: Judgement) -> list[str]:
    """The rules that were checked and had nothing to say."""
    spoke = {finding.rule for finding in judgement.findings}
    return [rule for rule in judgement.checked if rule not in spoke | seen(judgement.recognised)]


def seen(recognised: tuple[Recognised, ...]) -> set[str]:
    """The rules that recognised something legal."""
    return {item.rule for item in recognised}


def counted(amount: int, noun: str) -> str:
    """`1 log`, `2 logs`."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"

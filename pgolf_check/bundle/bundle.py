"""One preset, one script."""

from collections.abc import Mapping
from typing import Any

from pgolf_check.bundle.constants import settle
from pgolf_check.bundle.merge import merge


def bundle(sources: Mapping[str, str], entry: str, preset: Any) -> str:
    """The script that trains and scores `preset`, made of what `entry` reaches in `sources`."""
    return settle(merge(sources, entry).text, preset)

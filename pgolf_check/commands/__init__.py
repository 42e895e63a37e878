"""One file per command: parse, call, print, exit. Everything heavy is imported when it runs."""

from collections.abc import Callable

COMMANDS: dict[str, Callable[..., None]] = {}

"""One file per command: parse, call, print, exit. Everything heavy is imported when it runs."""

from collections.abc import Callable

from pgolf_check.commands.show import show
from pgolf_check.commands.sweep import sweep

COMMANDS: dict[str, Callable[..., None]] = {"show": show, "sweep": sweep}

"""One file per command: parse, call, print, exit. Everything heavy is imported when it runs."""

from collections.abc import Callable

from pgolf_check.commands.audit import audit
from pgolf_check.commands.bundle import bundle
from pgolf_check.commands.data import data
from pgolf_check.commands.eval import eval_
from pgolf_check.commands.explain import explain
from pgolf_check.commands.pack import pack
from pgolf_check.commands.presets import presets
from pgolf_check.commands.rules import rules
from pgolf_check.commands.seeds import seeds
from pgolf_check.commands.show import show
from pgolf_check.commands.stats import stats
from pgolf_check.commands.sweep import sweep
from pgolf_check.commands.train import train
from pgolf_check.commands.unpack import unpack
from pgolf_check.commands.verify_size import verify_size

COMMANDS: dict[str, Callable[..., None]] = {
    "audit": audit,
    "explain": explain,
    "rules": rules,
    "show": show,
    "seeds": seeds,
    "stats": stats,
    "sweep": sweep,
    "verify-size": verify_size,
    "train": train,
    "bundle": bundle,
    "pack": pack,
    "unpack": unpack,
    "eval": eval_,
    "data": data,
    "presets": presets,
}

"""The settings a run had: its log says best, then its command, then presets, then the code."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType

from pgolf_check.submission.code_settings import CodeSettings, Preset, Read, code_settings
from pgolf_check.submission.facts import (
    LoggedValue,
    RunLog,
    Setting,
    Settings,
    SettingSource,
    SettingValue,
    Source,
)
from pgolf_check.submission.run_commands import RunCommand, run_commands

_ASIDE = re.compile(
    r"ablat|baseline|control|smoke|debug|sanity|sweep|old|prior|compare|test", re.IGNORECASE
)
_TELLING = frozenset({"seed", "iterations", "compressor"})  # plain words that name a setting
_PRINTED = re.compile(r"\b([A-Za-z_]\w{0,60})[:=]\s?\{([^{}\n]{1,200})\}")  # in an f-string
_TRAILING = ",;)]}"


def read_settings(
    entry: Source | None,
    wrappers: tuple[Source, ...],
    modules: tuple[Source, ...],
    trees: Mapping[tuple[str, int], ast.Module],
    logs: tuple[RunLog, ...],
    texts: Mapping[str, str],
) -> Settings:
    """Every setting the program reads or fixes, with all that was said of it."""
    sources = (*wrappers, *((entry,) if entry else ()), *modules)
    said = [
        code_settings(source, tree)
        for source in sources
        if (tree := trees.get((source.path, source.layer)))
    ]
    reads = _reads(said)
    presets = [preset for code in said for preset in code.presets]
    speaking = headline_logs(logs)
    computed = _computed(sources)
    logged = {name: tuple(_logged(name, own, speaking, computed)) for name, own in reads.items()}
    scripts = {PurePosixPath(source.path).name for source in sources}
    commands = _chosen(run_commands(texts), scripts, logged)
    by_name: dict[str, Setting] = {}
    for name, own in reads.items():
        values = [
            *logged[name],
            *_preset(name, presets, forced=True),
            *_commanded(name, own, commands),
            *_preset(name, presets, forced=False),
            *_defaults(own),
        ]
        by_name[name] = Setting(name, tuple(dict.fromkeys(values)))
    for name, sayings in _constants(said, speaking).items():
        by_name.setdefault(name, Setting(name, sayings))
    return Settings(MappingProxyType(by_name))


def headline_logs(logs: Sequence[RunLog]) -> tuple[RunLog, ...]:
    """The logs that speak for the submission: not those named as ablations or kept deeper down."""
    plain = [log for log in logs if not _ASIDE.search(log.path)] or list(logs)
    finished = [log for log in plain if log.complete] or plain
    depth = min((log.path.count("/") for log in finished), default=0)
    return tuple(log for log in finished if log.path.count("/") == depth)


def changed_settings(settings: Settings) -> tuple[Setting, ...]:
    """The settings that the run had other than the code's default."""
    return tuple(
        setting
        for setting in settings.by_name.values()
        if (defaults := _stated(setting, SettingSource.DEFAULT))
        and not all(any(same(v, default) for default in defaults) for v in setting.effective)
    )


def default_of(setting: Setting) -> str:
    """The value the code gives where nothing else is said; the first of several."""
    return next(iter(_stated(setting, SettingSource.DEFAULT)), "")


def _stated(setting: Setting, source: SettingSource) -> list[str]:
    return [value.value for value in setting.values if value.source is source]


def _reads(said: Iterable[CodeSettings]) -> dict[str, list[Read]]:
    reads: dict[str, list[Read]] = {}
    for code in said:
        for read in code.reads:
            reads.setdefault(read.name, []).append(read)
    return reads


def _computed(sources: Iterable[Source]) -> frozenset[str]:
    """Names under which the code prints something else than the value of that name."""
    plain: set[str] = set()
    other: set[str] = set()
    for source in sources:
        for name, expression in _PRINTED.findall(source.text):
            same_name = expression.rpartition(".")[2].partition(":")[0].partition("!")[0] == name
            (plain if same_name else other).add(name)
    return frozenset(other - plain)


def _logged(
    name: str, reads: list[Read], logs: Sequence[RunLog], computed: frozenset[str]
) -> Iterable[SettingValue]:
    """What the logs printed under the variable's name or the attribute it is kept in."""
    names = list(dict.fromkeys([*(read.attribute for read in reads if read.attribute), name]))
    for log in logs:
        if found := _in_log(log, names, computed):
            value = found.value.strip().rstrip(_TRAILING).strip("'\"")
            yield SettingValue(value, SettingSource.LOG, log.place(found.line))


def _in_log(log: RunLog, names: Sequence[str], computed: frozenset[str]) -> LoggedValue | None:
    for name in names:
        if found := log.hyperparameters.get(name):
            return found
    for name in dict.fromkeys((*names, *(name.lower() for name in names))):
        telling = name not in computed and ("_" in name or name.lower() in _TELLING)
        if telling and (found := log.counters.get(name)):
            return found
    return None


def _preset(name: str, presets: Iterable[Preset], *, forced: bool) -> Iterable[SettingValue]:
    for preset in presets:
        if preset.name == name and preset.forced is forced:
            yield SettingValue(preset.value, SettingSource.PRESET, preset.place)


def _commanded(
    name: str, reads: list[Read], commands: Sequence[RunCommand]
) -> Iterable[SettingValue]:
    attributes = {read.attribute for read in reads} | {name}
    for command in commands:
        value = command.variables.get(name)
        for attribute in attributes:
            value = command.flags.get(attribute, value)
        if value is not None:
            yield SettingValue(value, SettingSource.COMMAND, command.place)


def _defaults(reads: Iterable[Read]) -> Iterable[SettingValue]:
    for read in reads:
        if read.default is not None:
            yield SettingValue(read.default, SettingSource.DEFAULT, read.place)


def _constants(
    said: Iterable[CodeSettings], logs: Sequence[RunLog]
) -> dict[str, tuple[SettingValue, ...]]:
    values: dict[str, list[SettingValue]] = {}
    for code in said:
        for constant in code.constants:
            known = values.setdefault(constant.name, [])
            if not known:
                for log in logs:
                    if found := log.hyperparameters.get(constant.name):
                        place = log.place(found.line)
                        known.append(SettingValue(found.value, SettingSource.LOG, place))
            known.append(SettingValue(constant.value, SettingSource.DEFAULT, constant.place))
    return {name: tuple(dict.fromkeys(known)) for name, known in values.items()}


def _chosen(
    commands: Sequence[RunCommand],
    scripts: set[str],
    logged: Mapping[str, tuple[SettingValue, ...]],
) -> list[RunCommand]:
    """The command that stands for the submission; several only where nothing tells them apart."""
    own = [
        command
        for command in commands
        if PurePosixPath(command.script).name in scripts
        or any(name in logged for name in command.variables)
    ]
    ranked: dict[tuple[int, int, bool], list[RunCommand]] = {}
    for command in own:
        used = sum(name in logged for name in command.variables) + len(command.flags)
        rank = (_agreement(command, logged), command.standing, used > 1)
        ranked.setdefault(rank, []).append(command)
    if not ranked:
        return []
    best = ranked[max(ranked)]
    fullest = max(len(command.variables) + len(command.flags) for command in best)
    return [
        command
        for command in reversed(best)  # the last one first: READMEs end with how to reproduce
        if len(command.variables) + len(command.flags) == fullest
    ]


def _agreement(command: RunCommand, logged: Mapping[str, tuple[SettingValue, ...]]) -> int:
    """Fewer contradictions with what the logs printed, as a rank: 0 is none."""
    contradictions = 0
    for name, value in command.variables.items():
        printed = logged.get(name, ())
        if printed and name != "SEED" and not any(same(value, other.value) for other in printed):
            contradictions += 1
    return -contradictions


def same(a: str, b: str) -> bool:
    """Whether two texts state one value: "1" and "True", "0.50" and "0.5"."""
    truths = {"true": "1", "false": "0", "yes": "1", "no": "0", "on": "1", "off": "0"}
    left, right = (truths.get(text.strip().lower(), text.strip()) for text in (a, b))
    try:
        return float(left) == float(right)
    except ValueError:
        return left == right

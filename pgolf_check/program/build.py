"""From a submission to the facts of its program."""

import ast
import sys
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pgolf_check.program.byte_tables import doubled_spaces
from pgolf_check.program.machine import TooLongError
from pgolf_check.program.queries import Program, Walked
from pgolf_check.program.smears import unmasked_smears
from pgolf_check.program.walk import LAUNCHED, Walk
from pgolf_check.submission.facts import Settings, SettingSource, Source, Submission
from pgolf_check.submission.headline import lines_behind
from pgolf_check.submission.parse import parse


def _printed(submission: Submission) -> list[str]:
    return sorted(
        {line.text.strip() for log in submission.logs for line in (*log.notable, *log.lines)}
    )


def build_program(submission: Submission) -> Program:
    """Follow the submitted script, and the logged one where that is another."""
    if submission.entry is None:
        return Program(())
    entry = submission.entry
    tree = submission.trees.get((entry.path, entry.layer))
    if tree is None:
        return Program(())
    modules: dict[str, tuple[Source, ast.Module]] = {}
    for source in submission.modules:
        module_tree = submission.trees.get((source.path, source.layer))
        if module_tree is not None and source.module:
            modules[source.module] = (source, module_tree)
    printed = _printed(submission)
    walks = [_walk(submission.settings, "submitted", entry, tree, modules, printed)]
    logged = _other_source(submission, entry)
    if logged is not None:
        walks.append(_walk(submission.settings, "logged", *logged, modules, printed))
    lines = lines_behind(submission.headline, submission.logs)
    headline = tuple(dict.fromkeys(line.text for _, line in lines))
    switched = None
    if not submission.logs and (settings := _switched_on(submission.settings)):
        switched = _walk(settings, "switched", entry, tree, modules, printed)
    return Program(tuple(replace(walk, headline=headline) for walk in walks), switched)


def _switched_on(settings: Settings) -> Settings | None:
    """The settings with every switch on that is off, where nobody says how the program was run."""
    stated = {value.source for setting in settings.by_name.values() for value in setting.values}
    if stated - {SettingSource.DEFAULT}:
        return None
    by_name = dict(settings.by_name)
    for name, setting in settings.by_name.items():
        if set(setting.effective) <= _OFF and name not in LAUNCHED:
            on = tuple(replace(value, value="1") for value in setting.values)
            by_name[name] = replace(setting, values=on)
    return Settings(MappingProxyType(by_name))


_OFF = frozenset({"0", "False", "false", "no", "off"})


def _other_source(submission: Submission, entry: Source) -> tuple[Source, ast.Module] | None:
    """The script that a log recorded, if it is not the one handed in."""
    own = "".join(entry.text.split())
    wrapped = {"".join(source.text.split()) for source in submission.wrappers}
    for log in submission.logs:
        if log.source is None or not log.evals:
            continue
        text = "".join(log.source.text.split())
        if text == own or text in wrapped or own in text or len(text) < 2_000:
            continue
        parsed = parse(log.source)
        if isinstance(parsed, ast.Module):
            return log.source, parsed
    return None


def _walk(
    settings: Settings,
    origin: str,
    entry: Source,
    tree: ast.Module,
    modules: Mapping[str, tuple[Source, ast.Module]],
    printed: list[str],
) -> Walked:
    machine = Walk(settings, {**modules, "": (entry, tree)}, printed)
    limit = sys.getrecursionlimit()
    # Calls are followed by calling; a program forty calls deep needs some frames.
    sys.setrecursionlimit(max(limit, 20_000))
    complete = True
    try:
        machine.load_module("")
    except TooLongError:
        complete = False
    finally:
        sys.setrecursionlimit(limit)
    limits = frozenset(machine.clock_limits)
    sources = [(entry, tree), *modules.values()]
    return Walked(
        origin,
        machine.trace,
        machine.stepped_at,
        complete,
        limits,
        doubled_spaces(sources),
        smears=unmasked_smears(sources, settings),
    )

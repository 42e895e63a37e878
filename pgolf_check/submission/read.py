"""The door of this stage: from a folder or a ref to submissions."""

import hashlib
from pathlib import Path, PurePosixPath

from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.copies import copies_of
from pgolf_check.submission.facts import (
    FileKind,
    Manifest,
    Problem,
    ProblemKind,
    RunLog,
    Source,
    SourceRole,
    Submission,
)
from pgolf_check.submission.headline import choose_headline
from pgolf_check.submission.logs import looks_like_log, read_log
from pgolf_check.submission.manifest import read_manifest
from pgolf_check.submission.parse import Trees
from pgolf_check.submission.settings import read_settings
from pgolf_check.submission.sources import discover
from pgolf_check.submission.target import (
    Handed,
    change,
    default_branch,
    folders_of,
    from_change,
    from_folder,
    open_repository,
    resolve,
)
from pgolf_check.submission.tree import FolderTree, Tree, UnreadableFileError

_TEXTS = (".sh", ".bash", ".md", ".toml", ".yaml", ".yml", "requirements.txt")


def read_folder(path: Path) -> list[Submission]:
    """The submission that lies in a folder."""
    with FolderTree(path) as tree:
        return [read_handed(from_folder(path, tree))]


def read_ref(repo: Path, ref: str, base: str | None = None) -> list[Submission]:
    """Every submission that a pull request, ref or commit hands in."""
    return [read_handed(handed) for handed in handed_in(repo, ref, base)]


def handed_in(repo: Path, ref: str, base: str | None = None) -> list[Handed]:
    """Every folder that a pull request, ref or commit hands in, with its tree."""
    repository = open_repository(repo)
    branch = resolve(repository, base) if base else default_branch(repository)
    head = resolve(repository, ref)
    changed = change(repository, head, branch)
    copies = copies_of(repository, ref, changed, branch)
    return [
        from_change(repository, ref, changed, folder, copies.get(folder, ""))
        for folder in folders_of(changed)
    ]


def read_handed(handed: Handed, limits: Limits = LIMITS) -> Submission:
    """Everything that is to be known of one folder before it is judged."""
    tree = handed.tree
    trees = Trees(limits)
    program = discover(tree, trees, limits)
    texts, unread = _texts(tree, limits)
    readme = next((path for path in texts if path.lower() == "readme.md"), "")
    manifest, complaints = _manifest(tree, limits)
    logs, refused = _logs(tree, limits)
    modules = trees.modules()
    settings = read_settings(
        program.entry, program.wrappers, tuple(program.modules), modules, logs, texts
    )
    problems = [*tree.problems, *program.problems, *complaints, *refused, *unread]
    return Submission(
        target=handed.target,
        track=handed.track,
        files=tuple(tree.entries.values()),
        outside=handed.outside,
        siblings=handed.siblings,
        copy_of=handed.copy_of,
        entry=program.entry,
        wrappers=program.wrappers,
        modules=tuple(program.modules),
        natives=tuple(program.natives),
        manifest=manifest,
        readme=Source(readme, texts[readme], SourceRole.MODULE) if readme else None,
        logs=logs,
        headline=choose_headline(manifest, logs),
        settings=settings,
        problems=tuple(dict.fromkeys(problems)),
        texts=texts,
        trees=modules,
    )


def _manifest(tree: Tree, limits: Limits) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The submission.json nearest to the top of the folder."""
    paths = [path for path in tree.entries if PurePosixPath(path).name == "submission.json"]
    if not paths:
        return None, ()
    path = min(paths, key=lambda name: name.count("/"))
    try:
        return read_manifest(path, tree.read(path, limits.json_bytes))
    except UnreadableFileError as error:
        return None, (error.problem,)


def _logs(tree: Tree, limits: Limits) -> tuple[tuple[RunLog, ...], list[Problem]]:
    """Every train or evaluation log, as far as the budget of bytes reaches."""
    logs: list[RunLog] = []
    problems: list[Problem] = []
    left = limits.all_log_bytes
    for path, entry in tree.entries.items():
        if entry.kind is not FileKind.REGULAR or not looks_like_log(path, entry.size):
            continue
        if left < entry.size <= limits.log_bytes:
            message = f"more than {limits.all_log_bytes} bytes of logs; this one was not read"
            problems.append(Problem(ProblemKind.UNREADABLE, message, Place(path)))
            continue
        try:
            data = tree.read(path, limits.log_bytes)
        except UnreadableFileError as error:
            problems.append(error.problem)
            continue
        left -= len(data)
        if log := read_log(path, data, entry.digest or _blob_id(data)):
            logs.append(log)
    return tuple(logs), problems


def _blob_id(data: bytes) -> str:
    """The id git gives a content, so that a folder and a commit name it alike."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _texts(tree: Tree, limits: Limits) -> tuple[dict[str, str], list[Problem]]:
    """README and shell scripts, where run commands stand, and what a run is installed with."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path, entry in tree.entries.items():
        if path.lower().endswith(_TEXTS) and entry.kind is FileKind.REGULAR:
            try:
                texts[path] = tree.read(path, limits.json_bytes).decode("utf-8", "replace")
            except UnreadableFileError as error:
                problems.append(error.problem)
    return texts, problems

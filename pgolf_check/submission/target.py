"""From what was asked for to the folders it names, each with its tree of files.

A pull request is what `git diff --name-only` shows between its head and the place where it left
the default branch. A head that has been merged is compared with the other parent of the merge
that brought it in, since its merge base with the branch is itself.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pygit2

from pgolf_check.errors import PgolfError
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import Target, Track
from pgolf_check.submission.tree import FolderTree, GitTree, Tree

_TRACKS = ("track_10min", "track_non_record")
_PROSE = (".md", ".png", ".svg", ".jpg", ".pdf", ".html", ".gitignore")


@dataclass(frozen=True, slots=True)
class Handed:
    """One folder that was handed in, and what surrounds it."""

    target: Target
    tree: Tree
    track: Track
    outside: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a head adds or edits: path and content of each file, as a diff would list them."""

    head: str
    base: str
    files: tuple[tuple[str, str], ...]  # path, blob id
    created: frozenset[str]  # the paths that the base does not have
    merged: bool = False  # whether the branch has taken it in


def open_repository(path: Path) -> pygit2.Repository:
    """The repository at exactly this path, bare or not."""
    try:
        return pygit2.Repository(str(path))
    except (pygit2.GitError, ValueError) as error:
        cure = "Name a git directory, or a folder that holds one."
        raise PgolfError("not a git repository", where=str(path), cure=cure) from error


def resolve(repository: pygit2.Repository, ref: str) -> pygit2.Commit:
    """The commit behind a pull-request number, a ref, or a commit id."""
    name = f"refs/pull/{ref}/head" if ref.isdecimal() and len(ref) < 7 else ref
    try:
        found = repository.revparse_single(name).peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        cure = "Give a pull-request number, a ref such as refs/pull/1/head, or a commit id."
        raise PgolfError("no such commit in the repository", where=name, cure=cure) from error
    assert isinstance(found, pygit2.Commit)
    return found


def default_branch(repository: pygit2.Repository) -> pygit2.Commit:
    """The commit at the repository's HEAD."""
    try:
        return repository.head.peel(pygit2.Commit)
    except pygit2.GitError as error:
        cure = "Name the default branch with --base."
        raise PgolfError("HEAD names no commit", where=repository.path, cure=cure) from error


def change(
    repository: pygit2.Repository,
    head: pygit2.Commit,
    branch: pygit2.Commit,
    limits: Limits = LIMITS,
) -> Change:
    """What `head` brings to `branch`, or brought to it."""
    base, merged = _left_at(repository, head, branch)
    try:
        # Without a common history the only fair question is what the branch does not have.
        before = (base or branch).tree
        deltas = before.diff_to_tree(head.tree).deltas
        files: list[tuple[str, str]] = []
        created: set[str] = set()
        for delta in deltas:
            if delta.status == pygit2.enums.DeltaStatus.DELETED:
                continue
            if len(files) == limits.changed:
                problem = f"touches more than {limits.changed} files"
                raise PgolfError(problem, where=str(head.id))
            path = delta.new_file.raw_path.decode("utf-8", "backslashreplace")
            files.append((path, str(delta.new_file.id)))
            if delta.status == pygit2.enums.DeltaStatus.ADDED:
                created.add(path)
    except (KeyError, pygit2.GitError) as error:
        raise PgolfError(f"cannot be compared ({error})", where=str(head.id)) from error
    left = str((base or branch).id)
    return Change(str(head.id), left, tuple(files), frozenset(created), merged)


def from_folder(path: Path, tree: FolderTree) -> Handed:
    """A folder on disk, as it lies there."""
    return Handed(Target(str(path)), tree, track_of(path.absolute().as_posix()))


def from_change(
    repository: pygit2.Repository, ref: str, changed: Change, folder: str, copy_of: str = ""
) -> Handed:
    """One of the folders that a change hands in."""
    folders = folders_of(changed)
    paths = folders[folder]
    below = len(folder) + 1 if folder else 0
    only = None if _record_folder(paths[0]) else frozenset(path[below:] for path in paths)
    commit = _commit(repository, pygit2.Oid(hex=changed.head))
    claimed = {path for part in folders.values() for path in part}
    return Handed(
        Target(folder, repository.path, ref, changed.head, changed.base),
        GitTree(repository, commit.tree, folder, only),
        track_of(folder),
        tuple(path for path, _ in changed.files if path not in claimed),
        tuple(name for name in folders if name != folder),
        copy_of,
    )


def folders_of(changed: Change) -> dict[str, tuple[str, ...]]:
    """The folders a change hands in, each with the paths it touches there.

    A change without a record folder stands for the folder of the training script it touches; a
    change without either is a PgolfError.
    """
    folders: dict[str, list[str]] = {}
    for path, _ in changed.files:
        if folder := _record_folder(path):
            folders.setdefault(folder, []).append(path)
    handed = {
        folder: tuple(paths)
        for folder, paths in folders.items()
        if any(path in changed.created or not path.endswith(_PROSE) for path in paths)
    }
    handed = handed or _around_script([path for path, _ in changed.files])
    if not handed:
        raise PgolfError("adds no record folder and no training script", where=changed.head)
    return handed


def track_of(path: str) -> Track:
    """The competition a path belongs to."""
    for part in reversed(path.split("/")):
        if part.startswith("track_non_record"):
            return Track.NON_RECORD
        if part.startswith("track_"):
            return Track.RECORD
    return Track.UNKNOWN


def _record_folder(path: str) -> str:
    """The innermost `records/track_x/name` around a path, or `records/name` without a track."""
    parts = path.split("/")
    for at in range(len(parts) - 4, -1, -1):
        if parts[at] == "records" and parts[at + 1].startswith(_TRACKS):
            return "/".join(parts[: at + 3])
    for at in range(len(parts) - 3, -1, -1):
        if parts[at] == "records" and not parts[at + 1].startswith("track"):
            return "/".join(parts[: at + 2])
    return ""


def _around_script(paths: list[str]) -> dict[str, tuple[str, ...]]:
    scripts = [
        path
        for path in map(PurePosixPath, paths)
        if path.suffix == ".py" and "train" in path.name.lower()
    ]
    if not scripts:
        return {}
    best = min(scripts, key=lambda path: (path.name != "train_gpt.py", len(path.parts), str(path)))
    folder = "" if len(best.parts) == 1 else str(best.parent)
    prefix = f"{folder}/" if folder else ""
    return {folder: tuple(path for path in paths if path.startswith(prefix))}


def _left_at(
    repository: pygit2.Repository, head: pygit2.Commit, branch: pygit2.Commit
) -> tuple[pygit2.Commit | None, bool]:
    """Where a head left the branch, None without a common history; and whether it came back."""
    base = repository.merge_base(branch.id, head.id)
    merged = base == head.id
    if merged:
        merge = _brought_in_by(repository, head, branch)
        if merge.id == head.id:  # a commit of the branch itself: it hands in nothing
            return head, True
        base = repository.merge_base(merge.parent_ids[0], head.id)
    return (_commit(repository, base) if base else None), merged


def _brought_in_by(
    repository: pygit2.Repository, head: pygit2.Commit, branch: pygit2.Commit
) -> pygit2.Commit:
    """The oldest commit on the branch's first-parent line that holds `head`."""
    walker = repository.walk(branch.id, pygit2.enums.SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    line = list(walker)
    low, high = 0, len(line) - 1  # line[low] holds the head; find the last that does
    while low < high:
        middle = (low + high + 1) // 2
        commit = line[middle].id
        if commit == head.id or repository.descendant_of(commit, head.id):
            low = middle
        else:
            high = middle - 1
    return line[low]


def _commit(repository: pygit2.Repository, name: pygit2.Oid) -> pygit2.Commit:
    found = repository[name]
    assert isinstance(found, pygit2.Commit)
    return found

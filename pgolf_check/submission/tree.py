"""Read-only views of what was handed in: a folder on disk, or a folder of a git commit.

Listing never reads a file, and reading never follows a link. A path that would leave the
submission is a problem to report, not a path.
"""

import os
import posixpath
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import pygit2

from pgolf_check.errors import PgolfError
from pgolf_check.findings import Place
from pgolf_check.limits import LIMITS, Limits
from pgolf_check.submission.facts import FileEntry, FileKind, Problem, ProblemKind

_LINK_CHARS = 4_096  # PATH_MAX; a longer link target leads nowhere
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REGULAR = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


REPOSITORY = "/repository"  # where a run would find the repository, as far as reading imagines
_ON_DISK = f"{REPOSITORY}/records/track/submission"  # as deep as a record folder lies


class UnreadableFileError(Exception):
    """A file that cannot be had; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class Tree(Protocol):
    """The files of one submission."""

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        """Every file by its path, in the order of the paths."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the listing met: links, submodules, names that escape, too many files."""

    @property
    def root(self) -> str:
        """The folder's own absolute path, on the imaginary disk of a run."""

    def read(self, path: str, limit: int) -> bytes:
        """The content of a regular file of at most `limit` bytes, else UnreadableFileError."""

    def beside(self, path: str, limit: int) -> bytes | None:
        """A file of the same repository outside the folder, by its absolute path; None if none."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry as its container names it, before it is trusted."""

    path: str
    kind: FileKind
    size: int = 0
    digest: str = ""
    link: str = ""


class FolderTree:
    """A folder on disk. Its digests are empty: they would cost reading every file."""

    root = _ON_DISK

    def __init__(self, root: Path, limits: Limits = LIMITS) -> None:
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PgolfError(reason, where=str(root), cure="Name a submission folder.") from error
        try:
            self.entries, self.problems = _admit(self._walk(limits), limits)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "FolderTree":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the directory's descriptor back."""
        os.close(self._root)

    def read(self, path: str, limit: int) -> bytes:
        """Read from a descriptor that was checked after opening, so that nothing is swapped in."""
        _readable(self.entries.get(path), path, limit)
        *folders, name = path.split("/")
        try:
            parent = self._descend(folders)
            try:
                file = os.open(name, _REGULAR, dir_fd=parent)
            finally:
                os.close(parent)
        except OSError as error:
            raise _unreadable(path, f"cannot be opened: {error.strerror}") from error
        with os.fdopen(file, "rb") as handle:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _unreadable(path, "is no longer a regular file")
            data = handle.read(limit + 1)  # a size on disk is a claim; the descriptor is the fact
        if len(data) > limit:
            raise _unreadable(path, f"is larger than {limit} bytes")
        return data

    def beside(self, path: str, limit: int) -> bytes | None:
        """Nothing: what lies around a folder on disk was not handed in."""
        return None

    def _descend(self, folders: list[str]) -> int:
        current = os.dup(self._root)
        for name in folders:
            try:
                below = os.open(name, _DIRECTORY, dir_fd=current)
            finally:
                os.close(current)
            current = below
        return current

    def _walk(self, limits: Limits) -> Iterator[_Listed | Problem | None]:
        pending: list[list[str]] = [[]]
        while pending:
            folders = pending.pop()
            yield None
            if len(folders) > limits.depth:
                yield _too_deep("/".join(folders), limits)
                continue
            try:
                here = self._descend(folders)
            except OSError as error:
                yield _problem("/".join(folders), f"cannot be listed: {error.strerror}")
                continue
            try:
                with os.scandir(here) as listing:
                    for item in listing:
                        if item.is_dir(follow_symlinks=False):
                            if item.name != ".git":
                                pending.append([*folders, item.name])
                        else:
                            yield _on_disk(item, here, "/".join([*folders, item.name]))
            finally:
                os.close(here)


class GitTree:
    """A folder of a commit, read from the object store without a checkout.

    With `only`, the tree holds just these paths: what a change to the root of the repository
    touches.
    """

    def __init__(
        self,
        repository: pygit2.Repository,
        commit: pygit2.Tree,
        folder: str = "",
        only: frozenset[str] | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self.root = f"{REPOSITORY}/{folder}" if folder else REPOSITORY
        self._repository = repository
        self._commit = commit
        tree = commit[folder] if folder else commit
        assert isinstance(tree, pygit2.Tree)
        self.entries, self.problems = _admit(self._walk(tree, only, limits), limits)

    def read(self, path: str, limit: int) -> bytes:
        """Inflate a blob whose header promises no more than `limit` bytes."""
        entry = _readable(self.entries.get(path), path, limit)
        try:
            _, data = self._repository.odb.read(pygit2.Oid(hex=entry.digest))
        except (KeyError, pygit2.GitError) as error:
            raise _unreadable(path, "its git object cannot be read") from error
        return bytes(data)

    def beside(self, path: str, limit: int) -> bytes | None:
        """A file of the same commit."""
        if not path.startswith(f"{REPOSITORY}/"):
            return None
        try:
            found = self._commit[path.removeprefix(f"{REPOSITORY}/")]
        except (KeyError, ValueError, pygit2.GitError):
            return None
        entry = self._blob(found, path)
        if entry.kind is not FileKind.REGULAR or entry.size > limit:
            return None
        return bytes(self._repository.odb.read(found.id)[1])

    def _walk(
        self, tree: pygit2.Tree, only: frozenset[str] | None, limits: Limits
    ) -> Iterator[_Listed | Problem | None]:
        above = {str(folder) for path in only or () for folder in PurePosixPath(path).parents}
        pending: list[tuple[str, int, pygit2.Tree]] = [("", 0, tree)]
        while pending:
            prefix, depth, folder = pending.pop()
            yield None
            for item in folder:
                name = (item.raw_name or b"").decode("utf-8", "backslashreplace")
                path = f"{prefix}{name}"
                if name in ("", ".", "..") or "/" in name:
                    message = "a path that leaves the submission; it was not read"
                    yield _problem(path, message, ProblemKind.HOSTILE)
                elif isinstance(item, pygit2.Tree):
                    if only is not None and path not in above:
                        continue
                    if depth >= limits.depth:
                        yield _too_deep(path, limits)
                    else:
                        pending.append((f"{path}/", depth + 1, item))
                elif only is None or path in only:
                    yield self._blob(item, path)

    def _blob(self, item: pygit2.Object, path: str) -> _Listed:
        digest = str(item.id)
        if item.filemode == pygit2.enums.FileMode.COMMIT:
            return _Listed(path, FileKind.SUBMODULE, 0, digest)
        try:
            _, size = self._repository.odb.read_header(item.id)
        except (KeyError, pygit2.GitError):
            return _Listed(path, FileKind.MISSING, 0, digest)
        if item.filemode == pygit2.enums.FileMode.LINK:
            link = self._link(item.id) if size <= _LINK_CHARS else "?" * _LINK_CHARS
            return _Listed(path, FileKind.SYMLINK, size, digest, link)
        return _Listed(path, FileKind.REGULAR, size, digest)

    def _link(self, oid: pygit2.Oid) -> str:
        return bytes(self._repository.odb.read(oid)[1] or b"").decode("utf-8", "backslashreplace")


def _on_disk(item: os.DirEntry[str], parent: int, path: str) -> _Listed:
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        status = item.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            link = os.readlink(item.name, dir_fd=parent)
            return _Listed(shown, FileKind.SYMLINK, status.st_size, link=link)
    except OSError:
        return _Listed(shown, FileKind.MISSING)
    # A name that is not UTF-8 could not be opened again by the name we show.
    if stat.S_ISREG(status.st_mode) and shown == path:
        return _Listed(shown, FileKind.REGULAR, status.st_size)
    return _Listed(shown, FileKind.SPECIAL, status.st_size)


def _admit(
    listed: Iterator[_Listed | Problem | None], limits: Limits
) -> tuple[dict[str, FileEntry], tuple[Problem, ...]]:
    """Sort what was listed into entries and problems, and stop at the limit.

    None stands for a folder that was opened: trees of nothing but folders are endless, too.
    """
    entries: dict[str, FileEntry] = {}
    problems: list[Problem] = []
    for seen, item in enumerate(listed, 1):
        if seen > limits.files:
            message = f"more than {limits.files} files and folders; the rest was not read"
            problems.append(_problem("", message, ProblemKind.HOSTILE))
            break
        if isinstance(item, Problem):
            problems.append(item)
        elif item is not None:
            entries[item.path] = FileEntry(item.path, item.size, item.kind, item.digest)
            problems.extend(_remark(item))
    return dict(sorted(entries.items())), tuple(problems)


def _remark(item: _Listed) -> Iterator[Problem]:
    match item.kind:
        case FileKind.SYMLINK:
            if _link_target(item).split("/")[0] in ("", ".."):
                message = f"a symbolic link out of the submission, to {item.link!r}"
                yield _problem(item.path, message, ProblemKind.HOSTILE)
            else:
                yield _problem(item.path, f"a symbolic link to {item.link!r} is not followed")
        case FileKind.SUBMODULE:
            yield _problem(item.path, f"a submodule at {item.digest[:12]}; its files are not here")
        case FileKind.SPECIAL:
            yield _problem(item.path, "neither a file nor a folder that can be read")
        case FileKind.MISSING:
            yield _problem(item.path, "listed, but its content is not here")
        case FileKind.REGULAR:
            pass


def _link_target(item: _Listed) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(item.path), item.link))


def _readable(entry: FileEntry | None, path: str, limit: int) -> FileEntry:
    if entry is None:
        raise _unreadable(path, "is not in the submission")
    if entry.kind is not FileKind.REGULAR:
        raise _unreadable(path, f"is not a regular file ({entry.kind})")
    if entry.size > limit:
        raise _unreadable(path, f"has {entry.size} bytes, more than the limit of {limit}")
    return entry


def _unreadable(path: str, message: str) -> UnreadableFileError:
    return UnreadableFileError(_problem(path, message))


def _too_deep(path: str, limits: Limits) -> Problem:
    message = f"folders nested deeper than {limits.depth}; what lies below was not read"
    return _problem(path, message, ProblemKind.HOSTILE)


def _problem(path: str, message: str, kind: ProblemKind = ProblemKind.UNREADABLE) -> Problem:
    return Problem(kind, message, Place(path))

"""Folders that only repeat what is already there, or what an earlier pull request handed in.

A stale merge base or a fork that adds upstream again brings along records of other people, and
nobody is to be judged for those.
"""

import re
from collections import Counter
from collections.abc import Mapping

import pygit2

from pgolf_check.errors import PgolfError
from pgolf_check.submission.target import Change, change, folders_of

_PULL = re.compile(r"(?:refs/pull/)?(\d{1,6})(?:/head)?\Z")


class Earlier:
    """What lower-numbered pull requests have handed in, blob by blob."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}  # blob -> "commit:folder" that brought it first

    def copies(self, changed: Change) -> dict[str, str]:
        """The folders of a change without a new blob, each with where they come from."""
        found = _repeats(changed, self._first)
        # What the branch took in was new to it: then the earlier heads are the ones that copied.
        return {} if changed.merged and len(found) == len(folders_of(changed)) else found

    def add(self, changed: Change) -> None:
        """Remember a change; call in the order of the pull requests."""
        blobs = dict(changed.files)
        for folder, paths in folders_of(changed).items():
            for path in paths:
                self._first.setdefault(blobs[path], f"{changed.head}:{folder}")


def pull_heads(repository: pygit2.Repository) -> dict[int, str]:
    """Every pull request of the repository by number, with its head's ref."""
    heads = (name for name in repository.references if name.startswith("refs/pull/"))
    matches = (_PULL.match(name) for name in heads)
    return dict(sorted((int(match[1]), match[0]) for match in matches if match))


def copies_of_base(repository: pygit2.Repository, changed: Change) -> dict[str, str]:
    """The folders whose every blob lies among the records that the change started from."""
    return _repeats(changed, _records(repository, changed.base))


def copies_of(
    repository: pygit2.Repository, ref: str, changed: Change, branch: pygit2.Commit
) -> Mapping[str, str]:
    """The copies within one change: of its base, or of an earlier pull request at the same path.

    Only those are opened: a folder that is merely brought along keeps its path. A sweep, which
    reads every head, also knows the copies that an earlier pull request holds elsewhere.
    """
    copies = copies_of_base(repository, changed)
    match = _PULL.match(ref)
    if not match:
        return copies
    earlier = Earlier()
    unsettled = [folder for folder in folders_of(changed) if folder and folder not in copies]
    for number, name in pull_heads(repository).items():
        if number >= int(match[1]) or not unsettled:
            break
        head = repository.references[name].peel(pygit2.Commit)
        if any(folder in head.tree for folder in unsettled):
            try:
                earlier.add(change(repository, head, branch))
            except PgolfError:
                continue  # an earlier head that hands in nothing proves nothing
            copies |= earlier.copies(changed)
            unsettled = [folder for folder in unsettled if folder not in copies]
    return copies


def _repeats(changed: Change, origins: Mapping[str, str]) -> dict[str, str]:
    """The folders whose every blob has an origin, with the commonest of its origins."""
    blobs = dict(changed.files)
    found = {}
    for folder, paths in folders_of(changed).items():
        known = [origins[blobs[path]] for path in paths if blobs[path] in origins]
        if len(known) == len(paths):
            found[folder] = Counter(known).most_common(1)[0][0]
    return found


def _records(repository: pygit2.Repository, commit: str) -> dict[str, str]:
    """Every blob below the records of a commit, with "commit:folder" where it lies."""
    found: dict[str, str] = {}
    base = repository[pygit2.Oid(hex=commit)].peel(pygit2.Commit)
    pending = [("", [item for item in base.tree if item.name == "records"])]
    while pending:
        folder, items = pending.pop()
        for item in items:
            if isinstance(item, pygit2.Tree):
                path = f"{folder}/{item.name}" if folder else str(item.name)
                pending.append((path, list(item)))
            else:
                found.setdefault(str(item.id), f"{commit}:{folder}")
    return found

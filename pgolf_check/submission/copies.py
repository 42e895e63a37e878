"""Folders that only repeat what a lower-numbered pull request already handed in.

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
        found = {}
        blobs = dict(changed.files)
        for folder, paths in folders_of(changed).items():
            origins = [self._first.get(blobs[path]) for path in paths]
            known = [origin for origin in origins if origin]
            if len(known) == len(origins):
                found[folder] = Counter(known).most_common(1)[0][0]
        return found

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


def copies_of(
    repository: pygit2.Repository, ref: str, changed: Change, branch: pygit2.Commit
) -> Mapping[str, str]:
    """The copies within one pull request, judged by earlier ones that hold the same path.

    Only those are opened: a folder that is merely brought along keeps its path.
    """
    match = _PULL.match(ref)
    earlier = Earlier()
    copies: dict[str, str] = {}
    if not match:
        return copies
    unsettled = [folder for folder in folders_of(changed) if folder]
    for number, name in pull_heads(repository).items():
        if number >= int(match[1]) or not unsettled:
            break
        head = repository.references[name].peel(pygit2.Commit)
        if any(folder in head.tree for folder in unsettled):
            try:
                earlier.add(change(repository, head, branch))
            except PgolfError:
                continue  # an earlier head that hands in nothing proves nothing
            copies = earlier.copies(changed)
            unsettled = [folder for folder in unsettled if folder not in copies]
    return copies

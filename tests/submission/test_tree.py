"""Folders and git trees that try to escape, flood or mislead."""

import os

import pygit2
import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.limits import Limits
from pgolf_check.submission.facts import FileKind, ProblemKind
from pgolf_check.submission.tree import FolderTree, GitTree, UnreadableFileError


@pytest.fixture
def repository(tmp_path):
    return pygit2.init_repository(str(tmp_path / "git"), bare=True)


def git_tree(repository, *entries):
    """A tree object with names that no well-meaning tool would write."""
    raw = b""
    for mode, name, oid in sorted(entries, key=lambda entry: entry[1]):
        raw += mode + b" " + name + b"\0" + bytes(oid.raw)
    oid = repository.odb.write(pygit2.enums.ObjectType.TREE, raw)
    return repository[oid]


def messages(tree):
    return {(p.place.file, p.kind) for p in tree.problems}


def test_a_folder_lists_and_reads_its_files(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "train_gpt.py").write_bytes(b"x = 1\n")
    (tmp_path / "logs" / "a.log").write_bytes(b"step")
    with FolderTree(tmp_path) as tree:
        assert list(tree.entries) == ["logs/a.log", "train_gpt.py"]
        assert tree.entries["train_gpt.py"].size == 6
        assert tree.read("logs/a.log", 4) == b"step"
        assert tree.problems == ()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PgolfError, match="nowhere"):
        FolderTree(tmp_path / "nowhere")


@pytest.mark.parametrize("link", ["/etc/passwd", "../secret", "sub/../../secret"])
def test_links_out_of_a_folder_are_hostile_and_unread(tmp_path, link):
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "train_gpt.py").symlink_to(link)
    with FolderTree(folder) as tree:
        assert tree.entries["train_gpt.py"].kind is FileKind.SYMLINK
        assert messages(tree) == {("train_gpt.py", ProblemKind.HOSTILE)}
        with pytest.raises(UnreadableFileError):
            tree.read("train_gpt.py", 1000)


def test_a_linked_folder_is_not_entered(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("secret")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "sub").symlink_to(outside)
    with FolderTree(folder) as tree:
        assert list(tree.entries) == ["sub"]


def test_a_file_swapped_for_a_link_after_listing_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1")
    with FolderTree(folder) as tree:
        (folder / "a.py").unlink()
        (folder / "a.py").symlink_to(tmp_path / "secret")
        with pytest.raises(UnreadableFileError, match="cannot be opened"):
            tree.read("a.py", 1000)


def test_a_pipe_does_not_hang_the_reader(tmp_path):
    os.mkfifo(tmp_path / "train_gpt.py")
    with FolderTree(tmp_path) as tree:
        assert tree.entries["train_gpt.py"].kind is FileKind.SPECIAL
        with pytest.raises(UnreadableFileError):
            tree.read("train_gpt.py", 1000)


def test_a_sparse_gigabyte_is_refused_by_its_size(tmp_path):
    with (tmp_path / "train_gpt.py").open("wb") as file:
        file.truncate(1 << 30)
    with FolderTree(tmp_path) as tree, pytest.raises(UnreadableFileError, match="1073741824"):
        tree.read("train_gpt.py", 1000)


def test_a_file_that_grows_after_listing_is_cut_at_the_limit(tmp_path):
    (tmp_path / "a.py").write_text("x")
    with FolderTree(tmp_path) as tree:
        (tmp_path / "a.py").write_text("x" * 100)
        with pytest.raises(UnreadableFileError, match="larger than 10"):
            tree.read("a.py", 10)


def test_too_many_files_and_too_deep_folders_stop_the_walk(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.txt").touch()
    with FolderTree(tmp_path, Limits(files=20)) as tree:
        assert len(tree.entries) == 19
        assert "more than 20 files and folders" in tree.problems[0].message
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "x.py").touch()
    with FolderTree(tmp_path / "a", Limits(depth=1)) as tree:
        assert "nested deeper" in tree.problems[0].message


def test_names_that_are_not_text_are_shown_escaped(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.py")).write_bytes(b"x")
    (tmp_path / "\x1b[31mred.py").write_bytes(b"x")
    with FolderTree(tmp_path) as tree:
        assert tree.entries["\\xff.py"].kind is FileKind.SPECIAL
        assert tree.read("\x1b[31mred.py", 10) == b"x"


@pytest.mark.parametrize("name", [b"..", b".", b"/etc/passwd", b"../../x", b"a/b"])
def test_git_names_that_leave_the_folder_are_hostile(repository, name):
    good = repository.create_blob(b"x = 1")
    tree = GitTree(
        repository, git_tree(repository, (b"100644", b"a.py", good), (b"100644", name, good))
    )
    assert list(tree.entries) == ["a.py"]
    assert [p.kind for p in tree.problems] == [ProblemKind.HOSTILE]


def test_git_links_submodules_and_missing_blobs_are_reported(repository):
    outward = repository.create_blob(b"../../../etc/passwd")
    inward = repository.create_blob(b"a.py")
    absent = pygit2.Oid(hex="12" * 20)
    tree = GitTree(
        repository,
        git_tree(
            repository,
            (b"120000", b"evil", outward),
            (b"120000", b"link", inward),
            (b"160000", b"module", absent),
            (b"100644", b"gone.bin", absent),
        ),
    )
    assert messages(tree) == {
        ("evil", ProblemKind.HOSTILE),
        ("link", ProblemKind.UNREADABLE),
        ("module", ProblemKind.UNREADABLE),
        ("gone.bin", ProblemKind.UNREADABLE),
    }
    assert tree.entries["gone.bin"].kind is FileKind.MISSING
    with pytest.raises(UnreadableFileError):
        tree.read("evil", 1000)


def test_a_blob_beyond_the_limit_is_not_inflated(repository):
    oid = repository.create_blob(bytes(2_000_000))
    tree = GitTree(repository, git_tree(repository, (b"100644", b"big.py", oid)))
    with pytest.raises(UnreadableFileError, match="2000000"):
        tree.read("big.py", 1_000_000)


def test_a_tree_of_a_million_files_stops_at_the_limit(repository):
    oid = repository.create_blob(b"")
    names = sorted(b"%07d.py" % number for number in range(1_000_000))
    raw = b"".join(b"100644 " + name + b"\0" + bytes(oid.raw) for name in names)
    tree = repository[repository.odb.write(pygit2.enums.ObjectType.TREE, raw)]
    found = GitTree(repository, tree)
    assert len(found.entries) == 4_999
    assert found.problems[-1].kind is ProblemKind.HOSTILE


@pytest.mark.parametrize("levels", [7, 12])
def test_trees_that_multiply_downwards_stop_at_the_limits(repository, levels):
    below = git_tree(repository)
    for _ in range(levels):
        below = git_tree(repository, *((b"40000", b"d%d" % n, below.id) for n in range(10)))
    assert GitTree(repository, below).problems


def test_a_file_beside_the_folder_comes_from_the_same_commit(repository):
    blob = repository.create_blob(b"x = 1")
    folder = git_tree(repository, (b"100644", b"a.py", blob))
    root = git_tree(repository, (b"40000", b"one", folder.id), (b"40000", b"two", folder.id))
    tree = GitTree(repository, root, "one")
    assert tree.beside("/repository/two/a.py", 100) == b"x = 1"
    assert tree.beside("/repository/two/b.py", 100) is None
    assert tree.beside("/etc/passwd", 100) is None

"""What a head hands in, in small repositories built for the purpose."""

import pygit2
import pytest

from pgolf_check.errors import PgolfError
from pgolf_check.submission.copies import Earlier, copies_of, pull_heads
from pgolf_check.submission.facts import Track
from pgolf_check.submission.read import read_folder, read_ref
from pgolf_check.submission.target import change, default_branch, folders_of, resolve, track_of

RECORD = "records/track_10min_16mb/2026-01-01_A"
CODE = b"import os\n" + b"".join(b"x%d = train(%d)\n" % (n, n) for n in range(40))
WHO = pygit2.Signature("A", "a@example.org", 1_700_000_000, 0)


class Repository:
    """Commits from dictionaries of files."""

    def __init__(self, path):
        self.path = path
        self.git = pygit2.init_repository(str(path), bare=True, initial_head="main")
        self.main = self.commit({"README.md": b"contest"}, [])
        self.git.create_reference("refs/heads/main", self.main)

    def commit(self, files, parents, onto=None):
        index = pygit2.Index()
        if onto is not None:
            index.read_tree(self.git[onto].tree)
        for name, data in files.items():
            mode = pygit2.enums.FileMode.BLOB
            index.add(pygit2.IndexEntry(name, self.git.create_blob(data), mode))
        tree = index.write_tree(self.git)
        return self.git.create_commit(None, WHO, WHO, "message", tree, parents)

    def pull(self, number, files, onto=None):
        base = onto or self.main
        head = self.commit(files, [base], base)
        self.git.create_reference(f"refs/pull/{number}/head", head, force=True)
        return head

    def merge(self, head):
        main, side = self.git[self.main], self.git[head]
        index = self.git.merge_trees(main.tree, main.tree, side.tree)
        tree = index.write_tree(self.git)
        self.main = self.git.create_commit(None, WHO, WHO, "merge", tree, [self.main, head])
        self.git.create_reference("refs/heads/main", self.main, force=True)

    def change(self, ref):
        return change(self.git, resolve(self.git, ref), default_branch(self.git))

    def folders(self, ref):
        return list(folders_of(self.change(ref)))


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "git")


def test_an_open_pull_request_hands_in_what_it_adds(repository):
    head = repository.pull(7, {f"{RECORD}/train_gpt.py": CODE, "README.md": b"edited"})
    [found] = read_ref(repository.path, "7")
    assert found.target.folder == RECORD
    assert found.target.commit == str(head)
    assert found.target.base == str(repository.main)
    assert found.track is Track.RECORD
    assert found.outside == ("README.md",)
    assert [entry.path for entry in found.files] == ["train_gpt.py"]
    assert found.entry is not None
    assert found.entry.text == CODE.decode()
    assert ("train_gpt.py", 0) in found.trees


def test_what_the_branch_gained_meanwhile_is_not_the_pull_request_s(repository):
    repository.pull(7, {f"{RECORD}/train_gpt.py": CODE})
    repository.merge(repository.pull(8, {f"{RECORD}_B/train_gpt.py": CODE}))
    assert repository.folders("7") == [RECORD]


def test_a_merged_head_is_compared_with_the_other_parent(repository):
    head = repository.pull(7, {f"{RECORD}/train_gpt.py": CODE})
    repository.merge(head)
    repository.merge(repository.pull(8, {f"{RECORD}_B/train_gpt.py": CODE}))
    assert repository.folders("7") == [RECORD]
    assert repository.folders(str(head)) == [RECORD]


def test_a_head_without_anything_new_is_refused_in_one_line(repository):
    repository.git.create_reference("refs/pull/9/head", repository.main)
    repository.merge(repository.pull(8, {f"{RECORD}/train_gpt.py": CODE}))
    for ref in ("9", "refs/heads/main"):
        with pytest.raises(PgolfError, match="adds no record folder"):
            read_ref(repository.path, ref)


def test_a_head_without_common_history_is_compared_with_the_branch_itself(repository):
    head = repository.commit({"README.md": b"contest", f"{RECORD}/train_gpt.py": CODE}, [])
    assert repository.folders(str(head)) == [RECORD]


def test_several_folders_are_several_submissions(repository):
    other = "records/track_non_record_16mb/B with space"
    repository.pull(7, {f"{RECORD}/train_gpt.py": CODE, f"{other}/train_gpt.py": CODE + b"#"})
    one, two = read_ref(repository.path, "7")
    assert (one.target.folder, two.target.folder) == (RECORD, other)
    assert (one.siblings, two.siblings) == ((other,), (RECORD,))
    assert two.track is Track.NON_RECORD


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (f"records/track_10min_16mb/{RECORD}/train_gpt.py", f"records/track_10min_16mb/{RECORD}"),
        (f"fork/{RECORD}/train_gpt.py", f"fork/{RECORD}"),
        (f"{RECORD}/records/notes/x/train_gpt.py", RECORD),
        ("records/NoTrack/train_gpt.py", "records/NoTrack"),
        ("train_gpt.py", ""),
        ("our/models/train_gpt_mlx.py", "our/models"),
        ("records/track_10min_16mb/train_gpt.py", "records/track_10min_16mb"),
    ],
)
def test_folders_are_found_wherever_people_put_them(repository, path, folder):
    repository.pull(7, {path: CODE})
    assert repository.folders("7") == [folder]


def test_a_root_script_is_a_submission_of_just_what_was_touched(repository):
    repository.main = repository.commit({"data/x.py": b"1"}, [repository.main], repository.main)
    repository.git.create_reference("refs/heads/main", repository.main, force=True)
    repository.pull(7, {"train_gpt.py": CODE, "notes/a.md": b"x"})
    [found] = read_ref(repository.path, "7")
    assert found.target.folder == ""
    assert [entry.path for entry in found.files] == ["notes/a.md", "train_gpt.py"]
    assert found.entry is not None


def test_prose_in_somebody_else_s_folder_is_not_handing_it_in(repository):
    repository.merge(
        repository.pull(7, {f"{RECORD}/train_gpt.py": CODE, f"{RECORD}/README.md": b"a"})
    )
    repository.pull(8, {f"{RECORD}/README.md": b"b", f"{RECORD}_B/train_gpt.py": b"x = 1\n"})
    assert repository.folders("8") == [f"{RECORD}_B"]


def test_a_launcher_of_another_record_is_followed_within_the_commit(repository):
    repository.merge(repository.pull(7, {f"{RECORD}/train_gpt.py": CODE}))
    launcher = (
        "import runpy\nfrom pathlib import Path\n"
        f"runpy.run_path(str(Path(__file__).resolve().parents[3] / '{RECORD}' / 'train_gpt.py'))\n"
    )
    repository.pull(8, {f"{RECORD}_B/train_gpt.py": launcher.encode()})
    [found] = read_ref(repository.path, "8")
    assert found.entry is not None
    assert found.entry.text == CODE.decode()
    assert found.entry.path == "../2026-01-01_A/train_gpt.py"


def test_copies_of_earlier_pull_requests_are_marked_with_their_origin(repository):
    theirs = {f"{RECORD}/train_gpt.py": CODE, f"{RECORD}/a.log": b"step"}
    first = repository.pull(7, theirs)
    repository.pull(8, {**theirs, f"{RECORD}_B/train_gpt.py": CODE + b"#"})
    earlier = Earlier()
    assert pull_heads(repository.git) == {7: "refs/pull/7/head", 8: "refs/pull/8/head"}
    assert earlier.copies(repository.change("7")) == {}
    earlier.add(repository.change("7"))
    assert earlier.copies(repository.change("8")) == {RECORD: f"{first}:{RECORD}"}
    branch = default_branch(repository.git)
    assert copies_of(repository.git, "8", repository.change("8"), branch) == {
        RECORD: f"{first}:{RECORD}"
    }
    assert copies_of(repository.git, "7", repository.change("7"), branch) == {}


def test_what_was_merged_is_no_copy_of_an_earlier_number_that_took_it_along(repository):
    theirs = {f"{RECORD}/train_gpt.py": CODE}
    repository.pull(7, {**theirs, f"{RECORD}_B/train_gpt.py": CODE + b"#"})
    repository.merge(repository.pull(9, theirs))
    earlier = Earlier()
    earlier.add(repository.change("7"))
    assert earlier.copies(repository.change("9")) == {}
    branch = default_branch(repository.git)
    assert copies_of(repository.git, "9", repository.change("9"), branch) == {}


def test_a_folder_with_one_new_file_is_no_copy(repository):
    repository.pull(7, {f"{RECORD}/train_gpt.py": CODE})
    repository.pull(8, {f"{RECORD}/train_gpt.py": CODE, f"{RECORD}/new.log": b"x"})
    assert (
        copies_of(repository.git, "8", repository.change("8"), default_branch(repository.git)) == {}
    )


def test_what_the_base_holds_under_records_is_a_copy_wherever_it_lies(repository):
    theirs = {f"{RECORD}/train_gpt.py": CODE, f"{RECORD}/a.log": b"step", "train_gpt.py": CODE}
    repository.merge(repository.pull(5, theirs))
    again = {f"records/{path}": data for path, data in theirs.items() if path.startswith(RECORD)}
    repository.pull(8, again, repository.main)
    repository.pull(6, {"train_gpt.py": CODE + b"#", f"{RECORD}_C/x.log": b"new"}, repository.main)
    branch = default_branch(repository.git)
    origin = f"{repository.main}:{RECORD}"
    found = copies_of(repository.git, "8", repository.change("8"), branch)
    assert found == {f"records/{RECORD}": origin}
    for ref in ("6", "5"):  # the base of 5 does not hold what 5 brought
        assert copies_of(repository.git, ref, repository.change(ref), branch) == {}


@pytest.mark.parametrize("ref", ["999", "no/such/ref", "f" * 40, "..", "", "@{-1}"])
def test_refs_that_name_nothing_are_told_in_one_line(repository, ref):
    with pytest.raises(PgolfError, match="no such commit"):
        read_ref(repository.path, ref)


def test_what_is_no_repository_is_told_in_one_line(tmp_path):
    with pytest.raises(PgolfError, match="not a git repository"):
        read_ref(tmp_path, "1")


def test_a_folder_on_disk_is_one_submission(tmp_path):
    folder = tmp_path / RECORD
    folder.mkdir(parents=True)
    (folder / "train_gpt.py").write_bytes(CODE)
    [found] = read_folder(folder)
    assert found.target.folder == str(folder)
    assert found.track is Track.RECORD
    assert found.entry is not None


def test_tracks_are_told_by_the_path():
    assert track_of(RECORD) is Track.RECORD
    assert track_of("records/track_non_record_16mb/x") is Track.NON_RECORD
    assert track_of("somewhere/else") is Track.UNKNOWN

"""Uploads: what is unpacked, what is refused, and what the result is called."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from practicum.world.deploy import archive
from practicum.world.deploy.archive import ArchiveError, unpack
from practicum.world.deploy.tree import name_tree


def git(cwd: Path, *arguments: str) -> bytes:
    identity = ["-c", "user.name=Dev", "-c", "user.email=dev@team.invalid"]
    return subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    files = {
        "Procfile": "web: true\n",
        "a/b/c.py": "x = 1\n",
        "a.txt": "dot sorts before slash\n",
        "a-b": "",
        "é.txt": "e",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("a/b/c.py")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all")
    return root


@pytest.mark.parametrize("compressed", [False, True])
def test_an_archive_of_a_commit_unpacks_to_its_tree_and_names_its_commit(
    repository: Path, tmp_path: Path, compressed: bool
) -> None:
    data = git(repository, "archive", "--format=tar", "HEAD")
    target = tmp_path / "out"
    target.mkdir()
    unpacked = unpack(gzip.compress(data) if compressed else data, target)
    assert unpacked.commit == git(repository, "rev-parse", "HEAD").decode().strip()
    names = name_tree(target)
    assert names.tree == git(repository, "rev-parse", "HEAD^{tree}").decode().strip()
    assert names.files == 7


def test_one_changed_byte_changes_both_names(repository: Path) -> None:
    before = name_tree(repository)
    (repository / "a/b/c.py").write_text("x = 2\n")
    after = name_tree(repository)
    assert before.tree != after.tree
    assert before.digest != after.digest


def make_tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, content


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_tar(entry("/etc/evil")), "absolute path"),
        (make_tar(entry("../evil")), "leads out"),
        (make_tar(entry("a/../../evil")), "leads out"),
        (make_tar(entry("l", tarfile.SYMTYPE, "/etc/passwd")), "link that leads out"),
        (make_tar(entry("l", tarfile.SYMTYPE, "../../etc")), "link that leads out"),
        (
            make_tar(entry("p/q/d", tarfile.SYMTYPE, "../.."), entry("e", tarfile.SYMTYPE, "p/q/d/..")),
            "link that leads out",
        ),
        (make_tar(entry("d", tarfile.SYMTYPE, "."), entry("d/x", content=b"x")), "writes through"),
        (make_tar(entry("x"), entry("x/y")), "writes through"),
        (make_tar(entry("x"), entry("x")), "twice"),
        (make_tar(entry("a"), entry("h", tarfile.LNKTYPE, "a")), "hard link"),
        (make_tar(entry("f", tarfile.FIFOTYPE)), "device or pipe"),
        (make_tar(entry("c", tarfile.CHRTYPE)), "device or pipe"),
        (b"", "not a tar"),
        (b"hello, this is not a tar" * 100, "not a tar"),
        (gzip.compress(make_tar(entry("a", content=b"x" * 5000)), mtime=0)[:60], "not a tar"),
        (make_tar(), "is empty"),
    ],
)
def test_hostile_and_broken_archives_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "release"
    target.mkdir(parents=True)
    with pytest.raises(ArchiveError, match=words):
        unpack(data, target)
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "deep" / "evil").exists()


def test_a_small_upload_that_unpacks_to_a_large_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 1024 * 1024)
    monkeypatch.setattr(archive, "MAX_FILES", 100)
    with pytest.raises(ArchiveError, match="unpacks to more"):
        unpack(gzip.compress(make_tar(entry("big", content=b"\0" * 4_000_000))), tmp_path)
    (tmp_path / "many").mkdir()
    with pytest.raises(ArchiveError, match="more than 100 files"):
        unpack(make_tar(*(entry(str(n)) for n in range(200))), tmp_path / "many")


def test_owners_and_special_bits_are_not_taken(tmp_path: Path) -> None:
    info, content = entry("tool", content=b"#!/bin/sh\n")
    info.mode, info.uid, info.gid = 0o6777, 0, 0
    unpack(make_tar((info, content)), tmp_path)
    assert (tmp_path / "tool").stat().st_mode & 0o7777 == 0o755


def test_a_git_directory_in_the_upload_is_left_out(tmp_path: Path) -> None:
    unpack(make_tar(entry(".git/config", content=b"[core]"), entry("a", content=b"a")), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]

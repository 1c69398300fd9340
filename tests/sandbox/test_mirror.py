"""Folders that are carried: what comes back from elsewhere is not trusted."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from practicum.errors import SandboxError
from practicum.sandbox import mirror as module
from practicum.sandbox.mirror import Mirror


def archive(*entries: tuple[str, bytes | str]) -> bytes:
    """Files by content, links by `-> target`, hard links by `=> target`, folders by `/`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if content == "/":
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                info.type = tarfile.SYMTYPE if content.startswith("->") else tarfile.LNKTYPE
                info.linkname = content[3:]
            else:
                info.size = len(content)
            opened.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    (tmp_path / "host").mkdir()
    return Mirror(tmp_path / "host")


def test_only_what_changed_is_sent(mirror: Mirror) -> None:
    (mirror.host / "a").write_text("1")
    (mirror.host / "d").mkdir()
    (mirror.host / "d/b").symlink_to("../a")
    changed, gone = mirror.outgoing()
    assert (sorted(changed), gone) == (["a", "d", "d/b"], [])
    with tarfile.open(fileobj=io.BytesIO(mirror.pack(changed, 7))) as packed:
        assert {(info.name, info.uid) for info in packed} == {(".", 7), ("a", 7), ("d", 7), ("d/b", 7)}
    mirror.settle()
    assert mirror.outgoing() == ([], [])
    (mirror.host / "a").unlink()
    (mirror.host / "c").write_text("2")
    assert mirror.outgoing() == (["c"], ["a"])


def test_what_came_back_is_there_and_what_did_not_is_gone(mirror: Mirror) -> None:
    (mirror.host / "gone").write_text("x")
    (mirror.host / "same").write_bytes(b"same")
    (mirror.host / "was-folder" / "deep").mkdir(parents=True)
    (mirror.host / "was-folder" / "deep" / "file").write_text("x")
    (mirror.host / "was-file").write_text("x")
    time = (mirror.host / "same").stat().st_mtime_ns
    mirror.receive(
        archive(
            ("top", "/"), ("top/same", b"same"), ("top/new", b"new"), ("top/d", "/"), ("top/d/l", "-> ../new"),
            ("top/hard", "=> top/new"), ("top/was-folder", b"file"), ("top/was-file/inner", b"deep"),
        ),
        strip=1, only=True,
    )  # fmt: skip
    names = sorted(str(path.relative_to(mirror.host)) for path in mirror.host.rglob("*"))
    assert names == ["d", "d/l", "hard", "new", "same", "was-file", "was-file/inner", "was-folder"]
    assert (mirror.host / "hard").read_bytes() == b"new"
    assert (mirror.host / "same").stat().st_mtime_ns == time
    assert mirror.outgoing() == ([], [])


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", "a\0b"])
def test_names_that_lead_outside_are_refused(mirror: Mirror, name: str) -> None:
    content = archive((name.replace("\0", "?"), b"x"))
    if "\0" in name:
        with pytest.raises(SandboxError, match="leads outside"):
            mirror.keep({name}) or module._inner(name, 0)
        return
    with pytest.raises(SandboxError, match="leads outside"):
        mirror.receive(content, only=False)
    assert not (mirror.host.parent / "out").exists()


def test_links_are_never_followed_not_ours_and_not_theirs(mirror: Mirror) -> None:
    outside = mirror.host.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    (mirror.host / "ours").symlink_to(outside)
    (mirror.host / "file").symlink_to(outside / "file")
    mirror.receive(
        archive(
            ("ours/file", b"changed"), ("file", b"changed"), ("theirs", f"-> {outside}"), ("theirs/file", b"changed")
        ),
        only=False,
    )
    assert (outside / "file").read_text() == "kept"
    assert sorted(path.name for path in outside.iterdir()) == ["file"]
    assert (mirror.host / "ours" / "file").read_text() == "changed"
    assert not (mirror.host / "file").is_symlink()
    (mirror.host / "again").symlink_to(outside)
    mirror.remove(["again/file"])
    assert (outside / "file").exists()


def test_hard_links_to_the_outside_devices_and_pipes_are_refused_or_left_out(mirror: Mirror) -> None:
    with pytest.raises(SandboxError, match="leads outside"):
        mirror.receive(archive(("x", "=> ../../etc/passwd")), only=False)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        for name, kind in (("pipe", tarfile.FIFOTYPE), ("device", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type = kind
            opened.addfile(info)
    mirror.receive(buffer.getvalue(), only=False)
    assert list(mirror.host.iterdir()) == []


def test_what_is_too_large_or_no_archive_is_said(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(SandboxError, match="too large"):
        mirror.receive(archive(("a", b"x" * 11)), only=False)
    (mirror.host / "large").write_bytes(b"x" * 11)
    with pytest.raises(SandboxError, match="too much to be sent"):
        mirror.pack(["large"], 0)
    with pytest.raises(SandboxError, match="cannot be read"):
        mirror.receive(b"no archive" * 100, only=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_comes_back_belongs_to_its_owner(tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    mirror = Mirror(tmp_path / "host", owner=200_009)
    mirror.receive(archive(("d", "/"), ("d/file", b"x")), only=False)
    assert {path.stat().st_uid for path in mirror.host.rglob("*")} == {200_009}

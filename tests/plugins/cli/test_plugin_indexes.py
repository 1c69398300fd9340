"""Publishing to an index that takes uploads: a real one, which wants a key."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from practicum.errors import UsageError
from practicum.plugins.registry.index import FolderIndex, UploadIndex

SERVE = """
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
import pypiserver

class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass

folder, password = sys.argv[1], sys.stdin.readline().strip()
app = pypiserver.app(root=folder, authenticate=["update"], auther=lambda *given: given == ("ann", password))
server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""
"""In a process of its own: pypiserver's bottle puts import hooks, and `cgi`, into whatever imports it."""


@dataclass
class Server:
    url: str
    folder: Path
    password: str


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    password, folder = secrets.token_hex(12), tmp_path / "packages"
    folder.mkdir()
    command = [sys.executable, "-W", "ignore", "-c", SERVE, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{password}\n")
        process.stdin.flush()
        yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}/", folder, password)
        process.kill()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    import zipfile

    path = tmp_path / "small_plugin-0.1.0-py3-none-any.whl"
    info = "small_plugin-0.1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small_plugin.py", "plugin = None\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: small-plugin\nVersion: 0.1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


async def test_a_wheel_is_uploaded_with_the_key_of_the_vault(server: Server, wheel: Path) -> None:
    index = UploadIndex(server.url, username="ann", secret=server.password)
    assert await index.add(wheel) == wheel
    assert (server.folder / wheel.name).read_bytes() == wheel.read_bytes()
    assert server.password not in repr(index)


async def test_a_refusal_is_told_without_the_key(server: Server, wheel: Path) -> None:
    wrong = secrets.token_hex(12)
    with pytest.raises(UsageError) as caught:
        await UploadIndex(server.url, username="ann", secret=wrong).add(wheel)
    assert wrong not in str(caught.value)
    assert "did not take small_plugin-0.1.0" in caught.value.message
    assert not list(server.folder.iterdir())


async def test_what_is_published_in_a_folder_never_changes(tmp_path: Path, wheel: Path) -> None:
    index = FolderIndex(tmp_path / "index")
    target = await index.add(wheel)
    assert target == await index.add(wheel)
    assert f'href="{wheel.name}#sha256=' in (target.parent / "index.html").read_text()
    assert 'href="small-plugin/"' in (tmp_path / "index" / "index.html").read_text()
    with wheel.open("ab") as file:
        file.write(b"more")
    with pytest.raises(UsageError, match="has another"):
        await index.add(wheel)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, wheel: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        await FolderIndex(tmp_path / "file" / "index").add(wheel)

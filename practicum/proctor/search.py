"""Looking for the run's credentials where none may be: in workspaces, repositories, logs, reports."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.proctor.accounts import Account
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.secret import Secret

_CHUNK = 1024 * 1024
_OVERLAP = 16 * 1024
"""Bytes of a chunk that are looked at again with the next: longer than any credential in any encoding."""
_GIT_TIMEOUT_S = 90


class Searcher:
    """Finds credentials by value, raw and encoded, and reports them by name.

    Args:
        accounts: those of the team at its services.
        keys: what else nobody but the proctor may hold, by name: seeds of the bus, the vault's master key, the seal.
    """

    def __init__(self, accounts: Sequence[Account], keys: Mapping[str, Secret] | None = None) -> None:
        self._any = SecretFilter()
        self._each: dict[str, SecretFilter] = {}
        secrets = {account.credential: account.secret for account in accounts} | dict(keys or {})
        for name, secret in secrets.items():
            self._any.add(secret)
            self._each[name] = SecretFilter()
            self._each[name].add(secret)

    def search(self, paths: Sequence[Path]) -> list[str]:
        """`path: name` for each file, and `path object ID: name` for each git object, that holds a credential.

        Symbolic links are not followed and special files not opened. Blocks; run it in a thread.

        Raises:
            InfrastructureError: a path cannot be read, or git fails.
        """
        found: list[str] = []
        for path in paths:
            for file in _files(path):
                found += [f"{file}: {name}" for name in self._in_file(file)]
            for repository in _repositories(path):
                found += self._in_repository(repository)
        return found

    def names_in(self, data: bytes) -> set[str]:
        """The names of the credentials that `data` holds."""
        if self._any.clean(data) == data:
            return set()
        return {name for name, one in self._each.items() if one.clean(data) != data}

    def _in_file(self, path: Path) -> list[str]:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return []  # gone since it was listed
        except OSError as error:
            raise InfrastructureError(f"{path} cannot be searched: {error.strerror}") from error
        names: set[str] = set()
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return []
            kept = b""
            while chunk := file.read(_CHUNK):
                names |= self.names_in(kept + chunk)
                kept = (kept + chunk)[-_OVERLAP:]
        return sorted(names)

    def _in_repository(self, repository: Path) -> list[str]:
        """Every object, reachable or not. The repository's own configuration is an agent's work and is not read."""
        with tempfile.TemporaryDirectory() as folder:
            ours = Path(folder) / "view.git"
            environment = {
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": folder,
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_NO_LAZY_FETCH": "1",
            }
            try:
                subprocess.run(
                    ["git", "init", "--quiet", "--bare", str(ours)], env=environment, check=True, capture_output=True,
                    timeout=_GIT_TIMEOUT_S,
                )  # fmt: skip
                (ours / "objects/info").mkdir(exist_ok=True)
                (ours / "objects/info/alternates").write_text(f"{repository.resolve() / 'objects'}\n")
                return self._objects(repository, ours, environment)
            except (OSError, subprocess.SubprocessError) as error:
                raise InfrastructureError(f"{repository} cannot be searched: {type(error).__name__}") from error

    def _objects(self, repository: Path, ours: Path, environment: dict[str, str]) -> list[str]:
        found: list[str] = []
        command = ["git", "-C", str(ours), "cat-file", "--batch-all-objects", "--unordered", "--batch"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            # Each object: "ID type size", a line break, the content, a line break (git-cat-file(1), "BATCH OUTPUT").
            while header := process.stdout.readline().split():
                if len(header) != 3:
                    continue
                content = process.stdout.read(int(header[2]))
                process.stdout.read(1)
                found += [f"{repository} object {header[0].decode()[:12]}: {name}" for name in self.names_in(content)]
        if process.returncode != 0:
            raise InfrastructureError(f"{repository} cannot be searched: git cat-file exited {process.returncode}")
        return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file() and not path.is_symlink():
        yield path
    for folder, _, names in os.walk(path, onerror=_refuse):
        for name in names:
            file = Path(folder) / name
            # A socket holds nothing and cannot be opened: open(2), ENXIO.
            if not file.is_symlink() and not file.is_socket():
                yield file


def _repositories(path: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(path, onerror=_refuse):
        if "HEAD" in names and "objects" in folders and "refs" in folders:
            yield Path(folder)


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise InfrastructureError(f"{error.filename} cannot be searched: {error.strerror}") from error

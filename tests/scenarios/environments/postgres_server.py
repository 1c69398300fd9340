"""A PostgreSQL server of the tests' own, on a free port of the loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NOBODY = 65534


@dataclass(frozen=True)
class Postgres:
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"postgresql://tester:${{DB_PASSWORD}}@127.0.0.1:{self.port}/postgres"

    def secret(self, name: str) -> str | None:
        return self.password if name == "DB_PASSWORD" else None


def binaries() -> Path | None:
    """Where Debian has the server's programs: the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


@contextmanager
def postgres_server(folder: Path) -> Iterator[Postgres]:
    """Start one as `nobody` where we are root: it refuses to run as root."""
    programs = binaries()
    assert programs is not None
    password = f"p@ss:/{secrets.token_hex(8)}#%"
    secret = folder / "password"
    secret.write_text(password)
    become = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    if become:
        for path in (folder, secret):
            os.chown(path, _NOBODY, _NOBODY)
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
    data = str(folder / "data")
    options = ["--no-sync", "--auth=scram-sha-256", "--username=tester", f"--pwfile={secret}", "--encoding=UTF8"]
    made = subprocess.run(
        [*become, programs / "initdb", "-D", data, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    with socket.create_server(("127.0.0.1", 0)) as listener:  # not before: the seconds above are enough to lose it
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [*become, programs / "postgres", "-D", data, "-k", str(folder), "-p", str(port), "-h", "127.0.0.1", "-F"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield Postgres(port, password)
    finally:
        server.send_signal(2)  # SIGINT: a fast shutdown
        server.wait(60)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until it takes connections: it listens before it has started up, and says so to whoever asks."""
    import psycopg

    until = time.monotonic() + 100
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="nobody", connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password" in str(error):
                return
        assert server.poll() is None, "PostgreSQL ended"
        assert time.monotonic() < until, "PostgreSQL does not start"
        time.sleep(0.02)

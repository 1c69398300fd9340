"""Podman's service, which speaks Docker's API, with an image made of this machine's own programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = (
    *("bash", "sh", "cat", "env", "head", "id", "ln", "ls", "mkdir", "mv", "rm", "setsid", "sleep", "sort"),
    *("tail", "touch", "tr", "wc"),
)
IMAGE = "localhost/practicum-test:1"
NEEDS = ("podman", "runc")


def missing() -> str:
    """Why it cannot be had here; empty when it can."""
    gone = [name for name in NEEDS if shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin") is None]
    if gone:
        return f"needs {' and '.join(gone)}: apt-get install -y --no-install-recommends podman runc"
    return "" if os.geteuid() == 0 else "podman's service is started as root here"


def write_image(file: Path) -> None:
    """A root file system of some programs and their libraries."""
    with tarfile.open(file, "w") as archive:
        for folder in ("tmp", "proc", "sys", "dev", "etc", "usr", "agent", "step"):
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(info)
        done: set[str] = set()
        for name in PROGRAMS:
            found = shutil.which(name, path="/usr/bin:/bin")
            if found is None:
                continue
            libraries = subprocess.run(["ldd", found], capture_output=True, text=True).stdout
            for inside, source in [(f"/bin/{name}", found), *((lib, lib) for lib in re.findall(r"/\S+", libraries))]:
                if inside not in done:
                    done.add(inside)
                    archive.add(os.path.realpath(source), inside.lstrip("/"), recursive=False)


@contextmanager
def podman_service(folder: Path) -> Iterator[str]:
    """Start the service in `folder`, with the image; its address."""
    write_image(folder / "image.tar")
    podman = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run"), "--runtime=runc"]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "TMPDIR": str(folder)}
    options = {"env": environment, "check": True, "capture_output": True, "timeout": 60}
    subprocess.run([*podman, "import", str(folder / "image.tar"), IMAGE], **options)  # type: ignore[call-overload]
    address = folder / "podman.sock"
    service = subprocess.Popen(
        [*podman, "system", "service", "-t", "0", f"unix://{address}"],
        cwd=folder,  # its monitors write a file `oom` where they are
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(address, service)
        yield f"unix://{address}"
    finally:
        subprocess.run([*podman, "rm", "--all", "--force", "--volumes"], **options)  # type: ignore[call-overload]
        service.terminate()
        service.wait(30)
        subprocess.run(["umount", str(folder / "root" / "overlay")], capture_output=True)


def _wait_for(address: Path, service: subprocess.Popen[bytes]) -> None:
    import time

    until = time.monotonic() + 30
    while not address.exists():
        assert service.poll() is None, "podman's service ended"
        assert time.monotonic() < until, "podman's service does not listen"
        time.sleep(0.02)

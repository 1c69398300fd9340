"""The provider `docker`."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from practicum.api.sandbox import MIB, Enforcement, Isolation, Limits, Mount, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.cache import cache_directory, write_whole
from practicum.sandbox.docker.container import Container, sweep
from practicum.sandbox.docker.daemon import connect, image_there, is_rootless
from practicum.sandbox.docker.sandbox import DockerSandbox
from practicum.sandbox.mirror import Mirror
from practicum.sandbox.ownership import hand_over, host_uid

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_IMAGE = "python:3.12-slim"
_MARK = "/.practicum"
"""Where a file of ours shows whether the daemon mounts what is on this machine."""
_PROBE_LIMITS = Limits(wall_s=30, memory_bytes=64 * MIB, processes=32, tmp_bytes=8 * MIB)
_PROBE = """
cat "$SECRET" >/dev/null 2>&1 && echo reads_host
( echo x > /usr/practicum || echo x > /practicum ) 2>/dev/null && echo writes_system
while read -r name _; do case $name in lo:*|*\\|*|Inter*) ;; *) echo "interface $name";; esac; done < /proc/net/dev
for place in /proc/[0-9]*; do echo process; done
while read -r key value; do [ "$key" = Seccomp: ] && echo "seccomp $value"; done < /proc/self/status
head -c 20000000 /dev/zero > /tmp/large 2>/dev/null && echo tmp_unbounded
rm -f /tmp/large
echo "cpu $(ulimit -t)"
echo done
"""
_MEMORY_PROBE = "head -c 150000000 /dev/zero | tail -c 140000000 >/dev/null"
"""tail(1) keeps all that it may have to print."""


class DockerProvider:
    """Each sandbox is one container without network, rights or a writable system, executed in once for each command.

    Folders are mounted where the daemon sees this machine's disk, else copied in before and out after each command.
    Where we are root, or the daemon's containers are, what runs inside is nobody on the machine.
    """

    name = "docker"

    def __init__(self, image: str = "", *, base_url: str | None = None) -> None:
        """`base_url` is a daemon's address, such as `unix:///run/podman/podman.sock`; else DOCKER_HOST counts."""
        self._image = image or DEFAULT_IMAGE
        self._base_url = base_url
        self._looked = False
        """Whether the image is known to be there, and what is left of the dead is removed."""

    async def detect(self) -> Isolation:
        """Start a container and try each dimension; half a second.

        Raises:
            MissingExtraError: the library is not installed.
            SandboxError: no daemon answers, or it cannot start a container of the image.
        """
        with tempfile.NamedTemporaryFile(prefix="practicum-probe-") as secret:
            Path(secret.name).chmod(0o644)
            sandbox = await self.open(SandboxSpec(cwd="/", env={"SECRET": secret.name}, limits=_PROBE_LIMITS))
            try:
                result = await sandbox.run(["sh", "-c", _PROBE])
                memory = await sandbox.run(["sh", "-c", _MEMORY_PROBE])
            finally:
                await sandbox.close()
        lines = result.stdout.splitlines()
        if "done" not in lines:
            raise SandboxError(f"the image {self._image} cannot be probed: {result.stderr.strip() or result.exit_code}")
        return _judge(lines, memory.out_of_memory)

    async def open(self, spec: SandboxSpec) -> DockerSandbox:
        """A container over these mounts; as root, the writable ones are handed over to its uid.

        Raises:
            MissingExtraError: the library is not installed.
            SandboxError: no daemon answers, it cannot start a container, or a mount's source does not exist.
        """
        for mount in spec.mounts:
            if not mount.host.is_dir():
                raise SandboxError(f"cannot mount {mount.host} at {mount.inside}: there is no such folder")
        return await asyncio.to_thread(self._open, spec)

    def _open(self, spec: SandboxSpec) -> DockerSandbox:
        client = connect(self._base_url)
        try:
            if not self._looked:
                image_there(client, self._image)
                sweep(client)
                self._looked = True
            return self._opened(client, spec)
        except BaseException:
            client.close()
            raise

    def _opened(self, client: DockerClient, spec: SandboxSpec) -> DockerSandbox:
        own = host_uid(spec.uid)
        uid = own if own is not None else os.geteuid()
        if own is not None:
            for mount in spec.mounts:
                if mount.writable:
                    hand_over(str(mount.host), own)
        user = "0:0" if is_rootless(client) else f"{uid}:{uid}"
        container, mounted = self._container(client, spec, user)
        mirrors = {} if mounted else {mount.inside: Mirror(mount.host, own) for mount in spec.mounts}
        return DockerSandbox(spec, container, mirrors, 0 if user == "0:0" else uid)

    def _container(self, client: DockerClient, spec: SandboxSpec, user: str) -> tuple[Container, bool]:
        """A container, and whether it sees this machine's disk."""
        if not spec.mounts:
            return Container(client, self._image, spec, user, ()), True
        folder = _mark()
        marked = replace(spec, mounts=(*spec.mounts, Mount(folder, _MARK)))
        try:
            container = Container(client, self._image, marked, user, marked.mounts)
        except SandboxError:
            return Container(client, self._image, spec, user, ()), False  # such as: no such path on its machine
        if container.plain(f"cat {_MARK}/word")[1] == (folder / "word").read_text():
            return container, True
        container.remove()
        return Container(client, self._image, spec, user, ()), False


def _mark() -> Path:
    """A folder with a word in it that no other machine has."""
    folder = cache_directory() / "mark"
    folder.mkdir(mode=0o755, exist_ok=True)
    if not (folder / "word").exists():
        write_whole(folder / "word", secrets.token_hex(16).encode(), 0o644)
    return folder


def _judge(lines: Sequence[str], out_of_memory: bool) -> Isolation:
    def held(holds: bool) -> Enforcement:
        return "enforced" if holds else "none"

    routes = [line for line in lines if line.startswith("route ")]
    return Isolation(
        "docker",
        fs=held("reads_host" not in lines and "writes_system" not in lines),
        net=held(not routes),
        pid=held(lines.count("process") < 12),
        mem=held(out_of_memory),
        cpu="per_process" if "cpu 60" in lines else "none",
        disk="per_process" if "tmp_unbounded" not in lines else "none",
        seccomp=held("seccomp 2" in lines),
        remarks=("disk: /tmp and each single file are bounded, a mounted workspace as a whole is not",),
    )

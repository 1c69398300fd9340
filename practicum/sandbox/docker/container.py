"""One container: made, executed in, ended. Everything here blocks and is called in threads."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from practicum.api.sandbox import Limits, Mount, SandboxSpec
from practicum.errors import SandboxError

if TYPE_CHECKING:
    from docker import DockerClient

LABEL = "practicum.sandbox"
"""Names the process that made a container, as `boot/pid`."""

# The first process: it buries orphans while it waits, and ends with whoever holds the other end of its stdin: us.
# A `kill -9 -1` of somebody else ends the cat, not the shell, which starts another one.
_MAIN = "exec 3<&0; while :; do cat <&3 >/dev/null & wait $!; [ $? = 0 ] && exit; done"
# What wraps each command: limits that the kernel holds for each process, and nothing left when it is over.
_WRAP = (
    'ulimit -t "$1" 2>/dev/null; ulimit -f "$2" 2>/dev/null; shift 2; "$@"; code=$?; kill -9 -1 2>/dev/null; exit $code'
)
_BLOCK = 512
"""In which `ulimit -f` counts, in POSIX."""
_STDOUT, _STDERR = 1, 2
# Raising a limit over the daemon's own is refused where that has no right to (podman in a container); a process that
# forks without end meets `pids_limit` long before.
_PROCESSES = 4096


@dataclass
class Output:
    """What one stream wrote, up to a limit."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    truncated: bool = False

    def add(self, chunk: bytes) -> None:
        room = self.limit - len(self.kept)
        self.kept += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room

    def text(self) -> str:
        text = self.kept.decode("utf-8", errors="replace")
        return f"{text}\n[cut after {self.limit} bytes]\n" if self.truncated else text


class Execution:
    """One command that runs in a container."""

    def __init__(self, client: DockerClient, number: str, connection: Any, stdin: bytes) -> None:
        self._client, self._number, self._connection = client, number, connection
        # An upgraded connection over a unix socket or TCP hands out a file over the socket; over TLS the socket.
        self._socket: socket.socket = getattr(connection, "_sock", connection)
        self._socket.settimeout(None)
        self._stdin = stdin

    def read(self, out: Output, err: Output) -> int:
        """Read to the end; the exit code."""
        try:
            if self._stdin:
                threading.Thread(target=self._feed, name="practicum-docker-stdin", daemon=True).start()
            while header := self._exactly(8):
                stream, size = struct.unpack(">BxxxL", header)
                into = err if stream == _STDERR else out
                while size > 0:
                    chunk = self._socket.recv(min(size, 65536))
                    if not chunk:
                        break
                    size -= len(chunk)
                    into.add(chunk)
        except OSError as error:
            raise SandboxError(f"the connection to the container broke: {error}") from error
        finally:
            _close(self._connection)
        code = self._client.api.exec_inspect(self._number)["ExitCode"]
        return 137 if code is None else int(code)

    def _feed(self) -> None:
        with suppress(OSError):  # the command did not want it
            self._socket.sendall(self._stdin)
            self._socket.shutdown(socket.SHUT_WR)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self._socket.recv(size - len(data))
            if not chunk:
                return b""
            data += chunk
        return data


class Container:
    """A container that lives as long as its sandbox, and no longer than this process."""

    def __init__(self, client: DockerClient, image: str, spec: SandboxSpec, user: str, binds: Sequence[Mount]) -> None:
        """Make it. Those of `spec.mounts` that are not among `binds` become volumes of its own.

        Raises:
            SandboxError: the daemon refuses.
        """
        import docker
        from docker.types import Ulimit

        self._client, self.user = client, user
        self._spec = spec
        limits = spec.limits
        volumes: dict[str, Mapping[str, str]] = {
            str(mount.host): {"bind": mount.inside, "mode": "rw" if mount.writable else "ro"} for mount in binds
        }
        bound = {mount.inside for mount in binds}
        self._life: Any = None
        api = client.api
        try:
            host = api.create_host_config(
                binds=volumes,
                network_mode=spec.network,
                mem_limit=limits.memory_bytes,
                memswap_limit=limits.memory_bytes,
                pids_limit=limits.processes + 8,
                read_only=True,
                tmpfs={"/tmp": f"size={limits.tmp_bytes},mode=1777"},
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                shm_size=limits.tmp_bytes,
                ulimits=[
                    Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
                    Ulimit(name="nproc", soft=_PROCESSES, hard=_PROCESSES),
                    Ulimit(name="core", soft=0, hard=0),
                ],
            )
            made = api.create_container(
                image,
                ["-c", _MAIN],
                entrypoint=["sh"],
                user=user,
                stdin_open=True,
                host_config=host,
                volumes=[mount.inside for mount in spec.mounts if mount.inside not in bound],
                environment={"HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp", **spec.env},
                labels={LABEL: owner()},
            )
        except docker.errors.APIError as error:
            raise SandboxError(f"the container cannot be made: {error.explanation or error}") from error
        self._id = str(made["Id"])
        try:
            self._start()
        except docker.errors.APIError as error:
            self.remove()
            raise SandboxError(
                f"the container of {image} does not start: {error.explanation or error}",
                hint="the image needs a shell (sh) and cat",
            ) from error

    def execute(
        self, argv: Sequence[str], *, stdin: bytes, cwd: str, environment: Mapping[str, str], limits: Limits
    ) -> Execution:
        """Start a command.

        Raises:
            SandboxError: the daemon refuses.
        """
        import docker

        wrapped = ["sh", "-c", _WRAP, "sh", str(limits.cpu_s), str(max(1, limits.file_bytes // _BLOCK)), *argv]
        try:
            made = self._client.api.exec_create(
                self._id, wrapped, stdin=bool(stdin), workdir=cwd, environment=dict(environment), user=self.user
            )
            connection = self._client.api.exec_start(made["Id"], socket=True)
        except docker.errors.APIError as error:
            raise SandboxError(f"nothing can be executed in the container: {error.explanation or error}") from error
        return Execution(self._client, made["Id"], connection, stdin)

    def plain(self, script: str) -> tuple[int, str]:
        """Run a shell script of ours; exit code and stdout."""
        out = Output(1 << 20)
        execution = self.execute(["sh", "-c", script], stdin=b"", cwd="/", environment={}, limits=Limits())
        return execution.read(out, Output(1 << 16)), out.text()

    def put(self, place: str, archive: bytes) -> None:
        """Unpack a tar archive at a volume."""
        import docker

        try:
            self._client.api.put_archive(self._id, place, archive)
        except docker.errors.APIError as error:
            raise SandboxError(f"cannot copy into the container: {error.explanation or error}") from error

    def get(self, place: str, most: int) -> bytes:
        """A folder as a tar archive, of at most `most` bytes.

        Raises:
            SandboxError: it is larger, or cannot be had.
        """
        import docker

        content = bytearray()
        try:
            chunks, _ = self._client.api.get_archive(self._id, place)
            for chunk in chunks:
                content += chunk
                if len(content) > most:
                    raise SandboxError(f"{place} in the container holds more than {most} bytes")
        except docker.errors.APIError as error:
            raise SandboxError(f"cannot copy out of the container: {error.explanation or error}") from error
        return bytes(content)

    def restart(self) -> None:
        """Kill everything inside at once, and begin anew with the same files.

        Raises:
            SandboxError: the daemon refuses.
        """
        import docker

        with suppress(docker.errors.APIError):  # it has ended by itself
            self._client.api.kill(self._id)
        self._leave()
        try:
            self._start()
        except docker.errors.APIError as error:
            raise SandboxError(f"the container does not start again: {error.explanation or error}") from error

    def remove(self) -> None:
        """End it and all that is in it; not an error when it is gone."""
        import docker

        with suppress(docker.errors.APIError):
            self._client.api.remove_container(self._id, force=True, v=True)
        self._leave()

    def close(self) -> None:
        """Remove it, and let go of the daemon."""
        self.remove()
        self._client.close()

    def _start(self) -> None:
        self._life = self._client.api.attach_socket(self._id, params={"stdin": 1, "stream": 1})
        self._client.api.start(self._id)

    def _leave(self) -> None:
        life, self._life = self._life, None
        if life is not None:
            _close(life)


def _close(connection: Any) -> None:
    """Close an upgraded connection: the answer that holds it, the file over its socket, the socket."""
    response, inner = getattr(connection, "_response", None), getattr(connection, "_sock", None)
    for part in (response, connection, inner):
        if part is not None:
            part.close()


def owner() -> str:
    """This process, so that others can tell whether it still lives."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return f"{file.read().strip()}/{os.getpid()}"


def sweep(client: DockerClient) -> None:
    """Remove ended containers of processes of this machine that are gone."""
    import docker

    boot = owner().partition("/")[0]
    with suppress(docker.errors.APIError):
        for found in client.api.containers(all=True, filters={"label": LABEL, "status": "exited"}):
            made_on, _, pid = str(found["Labels"].get(LABEL, "")).partition("/")
            if made_on == boot and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                with suppress(docker.errors.APIError):
                    client.api.remove_container(found["Id"], force=True, v=True)

"""The tier `bubblewrap`."""

from __future__ import annotations

from practicum.api.sandbox import Isolation, SandboxSpec
from practicum.sandbox.bubblewrap.command import INSTALL, command, tool
from practicum.sandbox.confined import ConfinedSandbox
from practicum.sandbox.opening import open_confined
from practicum.sandbox.probe import probe


class BubblewrapProvider:
    """Sandboxes of user, pid, net, ipc, uts, cgroup and mount namespaces, a system call filter and limits.

    Started as root, nothing of a sandbox stays root: it runs as `SandboxSpec.uid`, or `nobody`, from before bubblewrap
    starts. Started as anybody else, it runs as that user.
    """

    name = "bubblewrap"

    async def detect(self) -> Isolation:
        """Try each dimension with a real probe.

        Raises:
            IsolationError: bubblewrap is missing, or cannot make a sandbox here; the hint is the line that mends it.
        """
        tool("bwrap", INSTALL)
        return await probe(self)

    async def open(self, spec: SandboxSpec) -> ConfinedSandbox:
        """A sandbox over these mounts; as root, the writable ones are handed over to its uid.

        Raises:
            SandboxError: a mount's source does not exist.
            IsolationError: bubblewrap is missing.
        """
        tool("bwrap", INSTALL)
        return await open_confined(spec, command)

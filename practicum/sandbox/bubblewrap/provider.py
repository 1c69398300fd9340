"""The tier `bubblewrap`."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.api.sandbox import Isolation, SandboxSpec
from practicum.sandbox.bubblewrap.command import command
from practicum.sandbox.confined import ConfinedSandbox
from practicum.sandbox.opening import open_confined
from practicum.sandbox.probe import isolation_of, with_remarks
from practicum.sandbox.programs import tool


class BubblewrapProvider:
    """Sandboxes of user, pid, net, ipc, uts, cgroup and mount namespaces, a system call filter and limits.

    Started as root, nothing of a sandbox stays root: it runs as `SandboxSpec.uid`, or `nobody`, from before bubblewrap
    starts. Started as anybody else, it runs as that user.
    """

    name = "bubblewrap"

    def __init__(self, *, remarks: Sequence[str] = ()) -> None:
        """`remarks` are put before those of the probe: why this tier was taken although it does not do all."""
        self._remarks = tuple(remarks)

    async def detect(self) -> Isolation:
        """Try each dimension with a real probe; remembered until something changes that matters to it.

        Raises:
            IsolationError: bubblewrap is missing, or cannot make a sandbox here; the hint is the line that mends it.
        """
        found = await isolation_of(self, programs=[tool("bwrap")])
        return with_remarks(found, self._remarks)

    async def open(self, spec: SandboxSpec) -> ConfinedSandbox:
        """A sandbox over these mounts; as root, the writable ones are handed over to its uid.

        Raises:
            SandboxError: a mount's source does not exist.
            IsolationError: bubblewrap is missing.
        """
        tool("bwrap")
        return await open_confined(spec, command)

"""The provider `e2b`."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from practicum.api.sandbox import Enforcement, Isolation, Limits, SandboxSpec
from practicum.errors import InfrastructureError, MissingExtraError, SandboxError
from practicum.sandbox.e2b.sandbox import LIFE_S, E2BSandbox, said
from practicum.sandbox.e2b.script import PROBE
from practicum.sandbox.ownership import host_uid

if TYPE_CHECKING:
    from e2b import AsyncSandbox

NEEDS_KEY = "environment e2b needs a key"
MEND = "put E2B_API_KEY into your shell or --env-file, or run with --environment local"


class E2BProvider:
    """Each sandbox is a virtual machine of E2B without internet access; folders are sent and fetched as they change.

    Protocol and limits: the `e2b` package, 2.x. The template needs bash, GNU coreutils, findutils and tar, and a user
    `user`, as E2B's own have them.
    """

    name = "e2b"

    def __init__(
        self,
        template: str = "",
        *,
        api_key: str | None = None,
        api_url: str | None = None,
        sandbox_url: str | None = None,
    ) -> None:
        """`api_url` and `sandbox_url` are for a server of one's own; else E2B_API_URL and E2B_SANDBOX_URL count."""
        self._template = template or None
        self._key = api_key
        self._api_url, self._sandbox_url = api_url, sandbox_url

    async def detect(self) -> Isolation:
        """Make a machine and try what can be tried from inside; about a second.

        Raises:
            InfrastructureError: there is no key.
            MissingExtraError: the library is not installed.
            SandboxError: E2B refuses, or does not answer.
        """
        with tempfile.NamedTemporaryFile(prefix="practicum-probe-") as secret:
            spec = SandboxSpec(cwd="/tmp", env={"SECRET": secret.name}, limits=Limits(wall_s=20))
            sandbox = await self.open(spec)
            try:
                result = await sandbox.run(["bash", "-c", PROBE])
            finally:
                await sandbox.close()
        lines = result.stdout.splitlines()
        if "done" not in lines:
            raise SandboxError(f"the E2B sandbox cannot be probed: {result.stderr.strip() or result.exit_code}")

        def held(holds: bool) -> Enforcement:
            return "enforced" if holds else "none"

        return Isolation(
            "e2b",
            fs=held("reads_host" not in lines),
            net=held("reaches" not in lines),
            pid="enforced",
            mem="per_process",
            cpu="per_process",
            disk="per_process",
            remarks=("a machine of its own, elsewhere: E2B enforces what it is, and what it has of memory and disk",),
        )

    async def open(self, spec: SandboxSpec) -> E2BSandbox:
        """A machine with copies of these mounts.

        Raises:
            InfrastructureError: there is no key.
            MissingExtraError: the library is not installed.
            SandboxError: E2B refuses, or does not answer; or a mount's source does not exist.
        """
        if not self._key:
            raise InfrastructureError(NEEDS_KEY, hint=MEND)
        for mount in spec.mounts:
            if not mount.host.is_dir():
                raise SandboxError(f"cannot mount {mount.host} at {mount.inside}: there is no such folder")
        sandbox = E2BSandbox(spec, await self._machine(spec, self._key), self._key, host_uid(spec.uid))
        try:
            await sandbox.prepare()
        except BaseException:
            await sandbox.close()
            raise
        return sandbox

    async def _machine(self, spec: SandboxSpec, key: str) -> AsyncSandbox:
        try:
            # Imported late: half a second, for who has a key.
            from e2b import AsyncSandbox
        except ImportError as error:
            raise MissingExtraError("environment e2b", "e2b") from error
        with said(key):
            return await AsyncSandbox.create(
                self._template,
                timeout=LIFE_S,
                allow_internet_access=spec.network == "host",
                metadata={"made-by": "practicum"},
                api_key=key,
                api_url=self._api_url,
                sandbox_url=self._sandbox_url,
            )

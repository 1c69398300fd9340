"""What is said when there is no daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.api.sandbox import Mount, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.docker import DockerProvider


async def test_no_daemon_is_said_with_the_place_and_the_way_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(SandboxError) as raised:
        await DockerProvider().detect()
    assert f"no daemon answers at unix://{tmp_path}/nobody.sock" in raised.value.message
    assert "DOCKER_HOST" in raised.value.hint


async def test_a_mount_that_is_not_there_is_said_first(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="there is no such folder"):
        await DockerProvider().open(SandboxSpec(mounts=(Mount(tmp_path / "nothing", "/agent"),)))

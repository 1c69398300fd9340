"""One toolchain for all these tests: what it installs stays in `.cache/plugins` at the repository's root."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from pathlib import Path

import pytest

from practicum.errors import InfrastructureError
from practicum.plugins.toolchains.typescript import TypeScriptToolchain

sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("typescript_kit")

CACHE = Path(__file__).parents[3] / ".cache" / "plugins"


@pytest.fixture(scope="session")
def typescript_cache() -> Path:
    """Where the packages lie. Without node or a registry the test is skipped, unless PRACTICUM_REQUIRE_ALL is 1."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "installing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other process of these tests may be at it already
        try:
            asyncio.run(TypeScriptToolchain(CACHE).prepare())
        except InfrastructureError as error:
            if os.environ.get("PRACTICUM_REQUIRE_ALL") == "1":
                pytest.fail(f"{error}, and PRACTICUM_REQUIRE_ALL is 1")
            pytest.skip(str(error))
    return CACHE

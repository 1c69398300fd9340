"""A second simulated GitHub with its own address and accounts: what `--live github` is pointed at."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practicum_command import Practicum

MARK = "canary-"
"""How every token of the tests begins, so that an attacker may look for it without knowing one."""


@dataclass(frozen=True)
class SecondGitHub:
    """Where it is, whose tokens it takes, and the file that brings them into a proctor."""

    url: str
    tokens: dict[str, str]
    env_file: Path
    folder: Path
    process: subprocess.Popen[str]


@contextmanager
def second_github(practicum: Practicum, logins: tuple[str, ...] = ("lead", "dev", "ops")) -> Iterator[SecondGitHub]:
    """Serve one until the block ends."""
    tokens = {login: MARK + secrets.token_hex(20) for login in (*logins, "owner")}
    accounts, env_file = practicum.cwd / "accounts", practicum.cwd / "keys.env"
    accounts.write_text(
        "".join(f"github {login} {tokens[login]}\n" for login in logins) + f"github owner {tokens['owner']} admin\n"
    )
    folder = practicum.cwd / "second"
    # As a user would type it: below the working folder.
    arguments = ["world", "github", "--token-file", "accounts", "--repo", "acme/clock", "--directory", folder.name]
    with practicum.start(*arguments) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line + (process.stderr.read() if process.stderr and process.poll() is not None else "")
            lines = [f"GITHUB_API_URL={found[0]}/github", f"GITHUB_SERVER_URL={found[0]}/git"]
            lines += [f"GITHUB_TOKEN__{login.upper()}={tokens[login]}" for login in logins]
            lines.append(f"GITHUB_TOKEN={tokens['owner']}")  # may administer webhooks, as no role's key may
            env_file.write_text("\n".join(lines) + "\n")
            env_file.chmod(0o600)
            yield SecondGitHub(found[0], tokens, env_file, folder, process)
        finally:
            process.terminate()
            process.communicate(timeout=30)

"""Credentials are found wherever they stand, and a repository's own configuration does nothing to the searcher."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
from pathlib import Path

import pytest

from practicum.proctor.accounts import Account, simulated_account
from practicum.proctor.search import Searcher


@pytest.fixture
def account() -> Account:
    return simulated_account("github", "dev-1", "developer")


def test_a_key_is_found_raw_and_encoded_and_named_but_not_shown(tmp_path: Path, account: Account) -> None:
    value = account.secret.reveal()
    (tmp_path / "deep").mkdir()
    (tmp_path / "raw.log").write_text(f"token={value}\n")
    (tmp_path / "deep/encoded").write_bytes(b"x" + base64.b64encode(b"user:" + value.encode()))
    (tmp_path / "clean").write_text(value[:-1])
    (tmp_path / "link").symlink_to(tmp_path / "raw.log")
    os.mkfifo(tmp_path / "pipe")
    found = Searcher([account]).search([tmp_path])
    assert found == [f"{tmp_path / 'raw.log'}: github@dev-1", f"{tmp_path / 'deep/encoded'}: github@dev-1"]
    assert value not in str(found)


def test_a_key_across_the_edge_of_a_chunk_is_found(tmp_path: Path, account: Account) -> None:
    (tmp_path / "large").write_bytes(b"." * (1024 * 1024 - 10) + account.secret.reveal().encode() + b"." * 100)
    assert Searcher([account]).search([tmp_path]) == [f"{tmp_path / 'large'}: github@dev-1"]


def test_a_key_in_a_commit_that_was_taken_back_is_found_in_packed_history(tmp_path: Path, account: Account) -> None:
    repository = tmp_path / "work"

    def git(*words: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@team.invalid"]
        subprocess.run(["git", *identity, *words], cwd=repository, check=True, capture_output=True, timeout=20)

    repository.mkdir()
    git("init", "-q", "-b", "main")
    for content in (account.secret.reveal() + "\n", "clean\n"):
        (repository / "config").write_text(content)
        git("add", "config")
        git("commit", "-q", "-m", secrets.token_hex(4))
    git("gc", "-q")
    marker = tmp_path / "executed"
    with (repository / ".git/config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {marker}"\n\tpager = "touch {marker}"\n')
    found = Searcher([account]).search([tmp_path])
    assert len(found) == 1
    assert found[0].startswith(f"{repository}/.git object ")
    assert found[0].endswith(": github@dev-1")
    assert not marker.exists()

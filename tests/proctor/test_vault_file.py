"""The encrypted file: what it keeps, what it refuses, what it never shows."""

from __future__ import annotations

import base64
import json
import multiprocessing
import pickle
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from practicum.errors import UsageError, VaultError
from practicum.proctor.secret import Secret
from practicum.proctor.vault import FileVault, KeyFile, Passphrase

CHEAP = 2**10


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path / "data" / "vault.json", KeyFile(tmp_path / "config" / "master.key"))


def again(vault: FileVault, tmp_path: Path) -> FileVault:
    return FileVault(vault.path, KeyFile(tmp_path / "config" / "master.key"))


def test_what_is_set_is_there_for_the_next_process(vault: FileVault, tmp_path: Path) -> None:
    assert vault.get("github") is None
    assert vault.entries() == []
    value = secrets.token_hex()
    vault.set("github@dev-1", Secret(value))
    found = again(vault, tmp_path).get("github@dev-1")
    assert found is not None
    assert found.reveal() == value
    assert vault.get("github") is None


def test_setting_again_counts_versions_and_removing_forgets(vault: FileVault) -> None:
    vault.set("github", Secret("one"))
    vault.set("github", Secret("two"))
    [entry] = vault.entries()
    assert (entry.name, entry.version) == ("github", 2)
    assert vault.get("github") == Secret("two")
    assert vault.remove("github")
    assert not vault.remove("github")
    assert vault.get("github") is None


def test_files_are_their_owners_only(vault: FileVault, tmp_path: Path) -> None:
    vault.set("github", Secret("value"))
    for path in (vault.path, tmp_path / "config" / "master.key"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_neither_file_holds_a_value_in_any_form(vault: FileVault, tmp_path: Path) -> None:
    value = secrets.token_urlsafe(40)
    vault.set("github", Secret(value))
    text = vault.path.read_text() + (tmp_path / "config" / "master.key").read_text()
    assert value not in text
    assert base64.b64encode(value.encode()).decode()[:-4] not in text


def test_a_master_key_that_others_may_read_is_refused_with_the_command_that_helps(
    vault: FileVault, tmp_path: Path
) -> None:
    vault.set("github", Secret("value"))
    key = tmp_path / "config" / "master.key"
    key.chmod(0o640)
    with pytest.raises(VaultError, match=f"chmod 600 {key}"):
        vault.get("github")


def test_another_key_does_not_open_it(vault: FileVault, tmp_path: Path) -> None:
    vault.set("github", Secret("value"))
    other = FileVault(tmp_path / "other.json", KeyFile(tmp_path / "other.key"))
    other.set("x", Secret("y"))
    with pytest.raises(VaultError, match=str(vault.path)) as caught:
        FileVault(vault.path, KeyFile(tmp_path / "other.key")).get("github")
    assert "PRACTICUM_MASTER_KEY" in caught.value.hint


def test_a_lost_key_is_named(vault: FileVault, tmp_path: Path) -> None:
    vault.set("github", Secret("value"))
    key = tmp_path / "config" / "master.key"
    key.unlink()
    with pytest.raises(VaultError, match=str(key)):
        vault.set("github", Secret("other"))
    assert not key.exists(), "a new key in its place would hide the loss"


def edit(vault: FileVault, change: Callable[[dict[str, dict[str, dict[str, object]]]], object]) -> None:
    stored = json.loads(vault.path.read_text())
    change(stored)
    vault.path.write_text(json.dumps(stored))


def test_tampering_is_noticed_whatever_is_changed(vault: FileVault) -> None:
    vault.set("github@dev-1", Secret("first"))
    vault.set("github@dev-2", Secret("second"))
    whole = vault.path.read_text()

    def swap(stored: dict[str, dict[str, dict[str, object]]]) -> None:
        items = stored["secrets"]
        items["github@dev-1"]["value"], items["github@dev-2"]["value"] = (
            items["github@dev-2"]["value"],
            items["github@dev-1"]["value"],
        )

    changes: list[Callable[[dict[str, dict[str, dict[str, object]]]], object]] = [
        swap,
        lambda stored: stored["secrets"].pop("github@dev-2"),
        lambda stored: stored["secrets"]["github@dev-1"].update(version=2),
        lambda stored: stored["secrets"]["github@dev-1"].update(updated="2020-01-01T00:00:00+00:00"),
        lambda stored: stored["secrets"].update(github=stored["secrets"].pop("github@dev-1")),
        lambda stored: stored["secrets"]["github@dev-1"].update(value=base64.b64encode(bytes(40)).decode()),
    ]
    for change in changes:
        vault.path.write_text(whole)
        edit(vault, change)
        with pytest.raises(VaultError, match=str(vault.path)):
            vault.get("github@dev-1")
    vault.path.write_text(whole[:200])
    with pytest.raises(VaultError, match="not a vault"):
        vault.get("github@dev-1")


def test_an_earlier_value_cannot_be_put_back(vault: FileVault) -> None:
    vault.set("github", Secret("leaked"))
    old = json.loads(vault.path.read_text())["secrets"]["github"]["value"]
    vault.set("github", Secret("fresh"))
    edit(vault, lambda stored: stored["secrets"]["github"].update(value=old))
    with pytest.raises(VaultError, match="changed by another hand"):
        vault.get("github")


def test_rotation_keeps_values_and_locks_out_the_old_key(vault: FileVault, tmp_path: Path) -> None:
    vault.set("github", Secret("value"))
    key = tmp_path / "config" / "master.key"
    before = key.read_bytes()
    vault.rotate_key()
    assert again(vault, tmp_path).get("github") == Secret("value")
    assert key.read_bytes() != before
    key.write_bytes(before)
    with pytest.raises(VaultError, match="does not open"):
        vault.get("github")


def test_a_crash_within_a_rotation_loses_nothing(vault: FileVault, tmp_path: Path) -> None:
    class Crash(Exception):
        pass

    class CrashesBefore(KeyFile):
        def keep(self, key: bytes) -> None:
            raise Crash

    class CrashesAfter(KeyFile):
        def keep(self, key: bytes) -> None:
            super().keep(key)
            raise Crash

    vault.set("github", Secret("value"))
    for crashing in (CrashesBefore, CrashesAfter):
        with pytest.raises(Crash):
            FileVault(vault.path, crashing(tmp_path / "config" / "master.key")).rotate_key()
        assert vault.get("github") == Secret("value")
        vault.set("github", Secret("value"))


def test_a_passphrase_opens_it_and_another_does_not(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    FileVault(path, Passphrase(Secret("correct horse"), n=CHEAP)).set("github", Secret("value"))
    assert FileVault(path, Passphrase(Secret("correct horse"), n=CHEAP)).get("github") == Secret("value")
    with pytest.raises(VaultError, match="does not open"):
        FileVault(path, Passphrase(Secret("battery staple"), n=CHEAP)).get("github")
    with pytest.raises(VaultError, match="PRACTICUM_VAULT_PASSPHRASE"):
        FileVault(path, KeyFile(tmp_path / "key")).get("github")


def test_a_passphrase_is_rotated_to_another(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    first, second = Secret("correct horse"), Secret("battery staple")
    vault = FileVault(path, Passphrase(first, following=second, n=CHEAP))
    vault.set("github", Secret("value"))
    vault.rotate_key()
    assert vault.get("github") == Secret("value")
    assert FileVault(path, Passphrase(second, n=CHEAP)).get("github") == Secret("value")
    with pytest.raises(VaultError):
        FileVault(path, Passphrase(first, n=CHEAP)).get("github")


def _fill(path: Path, key: Path, names: list[str]) -> None:
    vault = FileVault(path, KeyFile(key))
    for name in names:
        vault.set(name, Secret(name))


def test_two_processes_that_write_at_once_lose_nothing(vault: FileVault, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    key = tmp_path / "config" / "master.key"
    names = [[f"svc{index}@p{process}" for index in range(15)] for process in range(2)]
    workers = [context.Process(target=_fill, args=(vault.path, key, mine)) for mine in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(40)
        assert worker.exitcode == 0
    assert [entry.name for entry in vault.entries()] == sorted(name for mine in names for name in mine)


@pytest.mark.parametrize("name", ["", "GitHub", "a b", "github@", "@dev", "../x", "github@dev.1", "x" * 80])
def test_names_that_are_none_are_refused(vault: FileVault, name: str) -> None:
    with pytest.raises(UsageError):
        vault.set(name, Secret("value"))


def test_an_empty_value_is_refused(vault: FileVault) -> None:
    with pytest.raises(UsageError):
        vault.set("github", Secret(""))


def test_a_secret_does_not_show_itself() -> None:
    value = secrets.token_hex()
    secret = Secret(value)
    shown = f"{secret} {secret!r} {secret!s} {secret:>80} %s {[secret]} {{}}" % secret
    assert value not in shown.format(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")

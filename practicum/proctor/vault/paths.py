"""Where the vault and its master key lie, unless told otherwise (XDG Base Directory Specification 0.8)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

VAULT_VARIABLE = "PRACTICUM_VAULT"
KEY_VARIABLE = "PRACTICUM_MASTER_KEY"
PASSPHRASE_VARIABLE = "PRACTICUM_VAULT_PASSPHRASE"  # noqa: S105 - the variable's name


def vault_path(environment: Mapping[str, str]) -> Path:
    """`$PRACTICUM_VAULT`, else `~/.local/share/practicum/vault.json` (or under `$XDG_DATA_HOME`)."""
    return _path(environment, VAULT_VARIABLE, "XDG_DATA_HOME", ".local/share", "vault.json")


def key_path(environment: Mapping[str, str]) -> Path:
    """`$PRACTICUM_MASTER_KEY`, else `~/.config/practicum/master.key` (or under `$XDG_CONFIG_HOME`)."""
    return _path(environment, KEY_VARIABLE, "XDG_CONFIG_HOME", ".config", "master.key")


def _path(environment: Mapping[str, str], own: str, base: str, fallback: str, name: str) -> Path:
    if chosen := environment.get(own):
        return Path(chosen).expanduser()
    root = environment.get(base, "")
    # "All paths set in these environment variables must be absolute"; others are to be ignored.
    folder = Path(root) if root.startswith("/") else Path(environment.get("HOME") or Path.home()) / fallback
    return folder / "practicum" / name

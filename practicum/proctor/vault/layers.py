"""Several vaults, one above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from practicum.errors import NoKeyError
from practicum.proctor.secret import Secret
from practicum.proctor.vault.env import EnvVault, is_secret_variable, read_env_file, variable_for
from practicum.proctor.vault.file import FileVault
from practicum.proctor.vault.masterkey import KeyFile, MasterKey, Passphrase
from practicum.proctor.vault.paths import PASSPHRASE_VARIABLE, key_path, vault_path
from practicum.proctor.vault.protocol import Found, Vault, account_name

SHELL = "shell"


class Layers:
    """Looks a name up in each vault in turn; the first that has it decides."""

    def __init__(self, vaults: Sequence[Vault]) -> None:
        self.vaults = tuple(vaults)

    @property
    def origins(self) -> list[str]:
        """Where was looked, in order."""
        return [vault.origin for vault in self.vaults]

    def find(self, name: str) -> Found | None:
        """The secret of exactly that name."""
        for vault in self.vaults:
            secret = vault.get(name)
            if secret is not None:
                return Found(name, secret, vault.origin)
        return None

    def find_for(self, service: str, agent: str) -> Found | None:
        """An agent's own key, `github@dev-1`, wherever it is; else the one that all share, `github`."""
        return self.find(account_name(service, agent)) or self.find(service)

    def need(self, service: str, agent: str = "") -> Found:
        """As `find_for`.

        Raises:
            NoKeyError: there is none; the message says the exact line that helps.
        """
        found = self.find_for(service, agent) if agent else self.find(service)
        if found is None:
            own = account_name(service, agent) if agent else ""
            whose = f" for {agent}" if agent else ""
            lines = [f"practicum secrets set {name}" for name in (own, service) if name]
            variables = [variable for name in (own, service) if (variable := variable_for(name or "-"))]
            hint = "run: " + "   or: ".join(lines)
            if variables:
                hint += f"\n       or set {' or '.join(variables)} in the shell or in a file given as --env-file"
            raise NoKeyError(f"no key of {service}{whose} (looked in {', '.join(self.origins)})", hint=hint)
        return found


def master_key(environment: Mapping[str, str]) -> MasterKey:
    """The master key that the environment asks for: a passphrase where one is set, else the key file."""
    if passphrase := environment.get(PASSPHRASE_VARIABLE):
        return Passphrase(Secret(passphrase))
    return KeyFile(key_path(environment))


def open_layers(environment: Mapping[str, str], *, vault: str = "", env_file: str = "") -> Layers:
    """The vaults of a run: the `.env` file that was named, then the vault's file, then the shell.

    Args:
        environment: the shell's variables.
        vault: path of the vault's file; empty for the usual place.
        env_file: path of a `.env` file; empty for none. No other `.env` file is ever read.

    Raises:
        VaultError: the `.env` file cannot be read.
        InvalidFileError: it is not well formed.
    """
    vaults: list[Vault] = []
    if env_file:
        lines = read_env_file(Path(env_file))
        vaults.append(EnvVault({name: line.value for name, line in lines.items()}, env_file))
    path = Path(vault).expanduser() if vault else vault_path(environment)
    vaults.append(FileVault(path, master_key(environment)))
    known = {name: Secret(value) for name, value in environment.items() if is_secret_variable(name)}
    vaults.append(EnvVault(known, SHELL))
    return Layers(vaults)

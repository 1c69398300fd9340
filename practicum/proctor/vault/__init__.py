"""Where the real keys are kept. Only the proctor, and `practicum secrets` on the user's behalf, open a vault."""

from practicum.proctor.vault.env import EnvVault, read_env_file
from practicum.proctor.vault.file import FileVault
from practicum.proctor.vault.layers import Layers
from practicum.proctor.vault.masterkey import KeyFile, Passphrase
from practicum.proctor.vault.protocol import Entry, Found, Vault, WritableVault, account_name, check_name

__all__ = [
    "Entry",
    "EnvVault",
    "FileVault",
    "Found",
    "KeyFile",
    "Layers",
    "Passphrase",
    "Vault",
    "WritableVault",
    "account_name",
    "check_name",
    "read_env_file",
]

"""What a plugin gets of what it asks for: held to its grant, its variables from the secrets."""

from __future__ import annotations

from practicum.plugins.host.description import Declared, Description
from practicum.plugins.host.errors import PluginLoadError
from practicum.plugins.host.protocol import Secrets
from practicum.plugins.store.manifest import Installed

_WORDS = ("TOKEN", "KEY", "SECRET", "PASSWORD", "CREDENTIAL")


def hold_to_grant(installed: Installed, description: Description) -> None:
    """Check that the code declares no more than the version was granted, and brings what it must.

    Raises:
        PluginLoadError: it does not.
    """
    grant = installed.manifest.allowed
    lacking = [f"{kind} {name}" for kind, name in grant.components if (kind, name) not in description.components()]
    if lacking:
        raise PluginLoadError(installed.name, installed.version, f"does not bring the {', the '.join(lacking)}")
    asked: dict[str, set[str]] = {
        "capability": {str(item) for item in description.capabilities} - {str(item) for item in grant.capabilities},
        "host": set(description.hosts) - set(grant.hosts),
        "variable": {item.name for item in description.environment} - {item.name for item in grant.environment},
    }
    for what, more in asked.items():
        if more:
            raise PluginLoadError(
                installed.name, installed.version, f"declares the {what} {', '.join(sorted(more))}, not granted",
                hint="its specification has to declare it too: practicum plugin install WHEEL --spec FILE",
            )  # fmt: skip


def variables(installed: Installed, description: Description, secrets: Secrets) -> dict[str, str]:
    """The values of the variables that it declares, of those that there are.

    Raises:
        PluginLoadError: a required one is missing.
    """
    found: dict[str, str] = {}
    for variable in description.environment:
        value = secrets(variable.name)
        if value is not None:
            found[variable.name] = value
        elif variable.required:
            raise PluginLoadError(
                installed.name, installed.version, f"needs the variable {variable.name}, and nobody has it",
                hint=f"practicum secrets set {variable.name}",
            )  # fmt: skip
    return found


def confidential(installed: Installed, description: Description, values: dict[str, str]) -> dict[str, str]:
    """Those of the values that must not come back: declared sensitive by its code, or by its specification."""
    declared = (*description.environment, *installed.manifest.allowed.environment)
    names = {item.name for item in declared if is_secret(item)}
    return {name: value for name, value in values.items() if name in names}


def is_secret(variable: Declared) -> bool:
    """Whether its value is one: declared so, or called so."""
    return variable.sensitive or any(word in variable.name for word in _WORDS)

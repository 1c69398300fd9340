"""Finding the programs of the host that set sandboxes up."""

from __future__ import annotations

import shutil

from practicum.errors import IsolationError

INSTALL_BUBBLEWRAP = "apt-get install -y bubblewrap"
_PACKAGES = {"bwrap": INSTALL_BUBBLEWRAP}
_UTIL_LINUX = "apt-get install -y util-linux"
_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
"""Not the PATH of our environment, which need not be one to trust."""

_found: dict[str, str] = {}


def tool(name: str) -> str:
    """The full path of a program.

    Raises:
        IsolationError: it is not installed; the hint is the line that installs it.
    """
    if name not in _found:
        path = shutil.which(name, path=_PATH)
        if path is None:
            raise IsolationError(f"the program {name} is not installed", hint=_PACKAGES.get(name, _UTIL_LINUX))
        _found[name] = path
    return _found[name]

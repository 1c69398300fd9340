"""Where Python code of a step imports from: the standard library, then the workspace, then other packages.

Modules of the workspace can be imported, as by a script that lies there. But whoever works there before must not decide
what `import json` means in a step that looks at the work, nor run code of his own at its start: Python imports
`sitecustomize` and `usercustomize` from wherever PYTHONPATH leads (https://docs.python.org/3/library/site.html).
So PYTHONPATH leads to a folder of ours, whose `sitecustomize` puts the workspace into its place.
"""

from __future__ import annotations

_CUSTOMIZE = """import sys

_packages = (n for n, place in enumerate(sys.path) if place.endswith(("site-packages", "dist-packages")))
sys.path.insert(next(_packages, len(sys.path)), {workspace!r})
"""


def start_files(workspace: str) -> dict[str, str]:
    """The files of the folder that PYTHONPATH leads to, by name; `workspace` as code that is executed calls it."""
    return {"sitecustomize.py": _CUSTOMIZE.format(workspace=workspace), "usercustomize.py": ""}


def python_path(folder: str, before: str | None) -> str:
    """PYTHONPATH with that folder in front of what the scenario asked for."""
    return ":".join(filter(None, [folder, before]))

"""Makes real wheels of small plugins, as zip files, without a build: `wheel(folder, "name", "0.1.0", code)`."""

from __future__ import annotations

import base64
import hashlib
import textwrap
import zipfile
from pathlib import Path

GREETER = """
from practicum.api.plugin import Plugin, PluginContext, action

@action(effect="read")
async def greet(context: PluginContext, who: str = "world") -> dict[str, str]:
    \"\"\"Greet somebody.\"\"\"
    return {"text": f"hello {who}", "version": "VERSION"}

plugin = Plugin(name="greeter", version="VERSION", description="Greets.", actions=(greet,))
"""


def wheel(folder: Path, name: str, version: str, code: str, *, requires: tuple[str, ...] = ()) -> Path:
    """A wheel of one module; VERSION in its code is filled in."""
    module = f"{name.replace('-', '_')}_plugin"
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": textwrap.dedent(code).replace("VERSION", version),
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {module}", f"Version: {version}", "Summary: A plugin.",
             *(f"Requires-Dist: {item}" for item in requires), ""]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[practicum.plugins]\n{name} = {module}:plugin\n",
    }  # fmt: skip
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(_entry(file), text)
        archive.writestr(_entry(f"{info}/RECORD"), f"{record}{info}/RECORD,,\n")
    return path


def _entry(name: str) -> zipfile.ZipInfo:
    """Always of the same time, so that the same code is the same file."""
    return zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

"""Finding the scripts that stand next to a scenario."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from practicum.errors import UsageError
from practicum.models.script.turn import Script


def load_scripts(path: Path) -> dict[str, Script]:
    """Every script of a Python file, by name.

    The file's folder is importable meanwhile, so that scripts may share helpers.

    Raises:
        UsageError: no such file, it does not import, or it defines one name twice.
    """
    module = _import(path)
    found: dict[str, Script] = {}
    for value in vars(module).values():
        if isinstance(value, Script):
            if value.name in found and found[value.name] is not value:
                raise UsageError(f"{path}: two scripts are named {value.name!r}")
            found[value.name] = value
    return found


def _import(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"{path}: no such file", hint="scripts stand next to the scenario: scripts/NAME.py")
    name = f"practicum_scripts_{path.stem}_{abs(hash(path.resolve()))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    folder = str(path.parent.resolve())
    sys.path.insert(0, folder)
    try:
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"{path}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    return module

"""One module for each thing a user can do; each has a function `routes(router, links)` and is found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from shortlink.links import Links
from shortlink.web import Router


def router(links: Links) -> Router:
    """A router that knows every feature."""
    made = Router()
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        importlib.import_module(f"{__name__}.{module.name}").routes(made, links)
    return made

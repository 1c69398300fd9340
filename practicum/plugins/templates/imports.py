"""What a generated module imports: only what its code uses, sorted as ruff wants it."""

from __future__ import annotations

import re

_KNOWN = {
    "Annotated": ("typing", "Annotated"),
    "Any": ("typing", "Any"),
    "Literal": ("typing", "Literal"),
    "Field": ("pydantic", "Field"),
}
_STANDARD = frozenset({"asyncio", "collections", "collections.abc", "json", "math", "re", "typing"})
_THIRD = frozenset({"practicum.api.plugin", "pydantic", "pytest"})


class Imports:
    """Collects names while code is written."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}

    def use(self, module: str, *names: str) -> None:
        """Import names of a module, or the module itself."""
        self._names.setdefault(module, set()).update(names)

    def use_for(self, annotation: str) -> None:
        """Import what an annotation written in code needs."""
        for word in re.findall(r"\b[A-Z]\w+\b", re.sub(r"'[^']*'|\"(?:\\.|[^\"])*\"", "", annotation)):
            if word in _KNOWN:
                module, name = _KNOWN[word]
                self.use(module, name)

    def above(self, docstring: str, code: str) -> str:
        """A whole module: docstring, imports, code."""
        groups = [
            [name for name in self._names if name in _STANDARD],
            [name for name in self._names if name in _THIRD],
            [name for name in self._names if name not in _STANDARD | _THIRD],
        ]
        blocks = ["\n".join(self._lines(group)) for group in groups if group]
        code = code.strip()
        between = "\n\n\n" if code.startswith(("@", "class ", "def ", "async def ")) else "\n\n"
        return "\n\n".join([docstring, "from __future__ import annotations", *blocks]) + f"{between}{code}\n"

    def _lines(self, modules: list[str]) -> list[str]:
        whole = [f"import {module}" for module in sorted(modules) if not self._names[module]]
        parts = [
            f"from {module} import {', '.join(sorted(self._names[module], key=_isort))}"
            for module in sorted(modules)
            if self._names[module]
        ]
        return whole + parts


def _isort(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)

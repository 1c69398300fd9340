"""Plugins for elizaOS in TypeScript: `TypeScriptToolchain`, and whole plugins from templates by `generate`."""

from practicum.plugins.toolchains.typescript.templates import generate, scaffold
from practicum.plugins.toolchains.typescript.toolchain import TypeScriptToolchain

__all__ = ["TypeScriptToolchain", "generate", "scaffold"]

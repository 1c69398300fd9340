"""The files of a plugin that say how it is built, checked and called: made from the specification alone."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.modules import TEMPLATE
from practicum.text import printable

COMPILER: dict[str, JsonValue] = {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "lib": ["ES2022"],
    "types": ["node"],
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitOverride": True,
    "noFallthroughCasesInSwitch": True,
    "isolatedModules": True,
    "verbatimModuleSyntax": True,
    "skipLibCheck": True,
    "noEmit": True,
}
"""Options of the compiler, for types and for the build."""

_PRERELEASE = re.compile(r"(a|b|rc)(\d+)$")
_WORDS = {"a": "alpha", "b": "beta", "rc": "rc"}

ESLINT = """import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
);
"""

VITEST = """import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['tests/**/*.test.ts'] } });
"""


def package_name(spec: PluginSpecification) -> str:
    """`unit-converter` is `plugin-unit-converter`, as plugins of elizaOS are named."""
    return f"plugin-{spec.name}"


def version(spec: PluginSpecification) -> str:
    """The version as npm wants it (Semantic Versioning 2.0.0): `0.1.0a1` is `0.1.0-alpha.1`."""
    return _PRERELEASE.sub(lambda found: f"-{_WORDS[found[1]]}.{found[2]}", spec.version)


def package_json(spec: PluginSpecification) -> str:
    """With elizaOS as a peer: the agent's own copy is used. Its variables stand where elizaOS looks for them."""
    pins = pinned()
    core = pins.pop("@elizaos/core")
    parameters: dict[str, JsonValue] = {
        one.name: {
            "type": "string",
            "description": printable(one.description),
            "required": one.required,
            "sensitive": one.sensitive,
        }
        for one in spec.environment
    }
    about: dict[str, JsonValue] = {
        "name": package_name(spec),
        "version": version(spec),
        "description": printable(spec.description),
        "type": "module",
        "main": "dist/index.js",
        "types": "dist/index.d.ts",
        "exports": {".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"}},
        "files": ["dist"],
        "keywords": ["elizaos", "plugin"],
        "scripts": {
            "build": "tsc --noEmit false --declaration --rootDir src --outDir dist",
            "lint": "eslint src tests",
            "test": "vitest run",
        },
        "peerDependencies": {"@elizaos/core": f"^{core}"},
        "devDependencies": {"@elizaos/core": core, **pins},
        "agentConfig": {"pluginType": "elizaos:plugin:1.0.0", "pluginParameters": parameters},
        "practicum": {"capabilities": list(spec.capabilities), "hosts": list(spec.hosts)},
    }
    return json.dumps(about, indent=2) + "\n"


def tsconfig_json() -> str:
    """Types of the code and of the tests; the build takes `src` only."""
    return json.dumps({"compilerOptions": COMPILER, "include": ["src"]}, indent=2) + "\n"


def pinned() -> dict[str, str]:
    """Each package of the template and its version."""
    dependencies = json.loads((TEMPLATE / "package.json").read_text())["dependencies"]
    return {str(name): str(number) for name, number in dependencies.items()}

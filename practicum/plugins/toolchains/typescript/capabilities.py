"""Rules of eslint about what a plugin's code may reach: what needs a capability is held against the specification."""

from __future__ import annotations

import json

from pydantic import JsonValue

from practicum.plugins.specification import PluginSpecification

MODULES: dict[str, tuple[str, ...]] = {
    "net": ("net", "http", "https", "http2", "tls", "dgram", "dns", "dns/promises"),
    "fs": ("fs", "fs/promises"),
    "subprocess": ("child_process", "cluster", "worker_threads"),
}
"""Capability to the modules of node that need it."""

_NEVER = ("vm", "module", "inspector", "inspector/promises", "v8", "wasi", "repl", "diagnostics_channel")
_NETWORK = ("fetch", "WebSocket", "EventSource", "XMLHttpRequest")
_RULES = ("no-eval", "no-implied-eval", "no-new-func", "no-restricted-", "no-script-url")
_PROCESS = ("binding", "dlopen", "getBuiltinModule", "kill", "setuid", "setgid", "mainModule", "_linkedBinding")


def is_review(rule: str) -> bool:
    """Whether a rule of eslint belongs to the review, and not to lint."""
    return rule.startswith(_RULES)


def rules(spec: PluginSpecification) -> dict[str, JsonValue]:
    """The rules, with what the specification grants let through."""
    granted = set(spec.capabilities)
    forbidden = {name: _never(name) for name in _NEVER}
    for capability, names in MODULES.items():
        if capability not in granted:
            forbidden |= {name: _undeclared(capability) for name in names}
    paths: list[JsonValue] = [
        {"name": f"{prefix}{name}", "message": why} for name, why in forbidden.items() for prefix in ("", "node:")
    ]
    modules = "|".join(name.replace("/", "\\u002F") for name in forbidden)
    syntax: list[JsonValue] = [
        {"selector": "ImportExpression:not([source.type='Literal'])", "message": _never("an import of a made-up name")},
        {"selector": f"ImportExpression[source.value=/^(node:)?({modules})$/]", "message": _never("such an import")},
        {"selector": "MemberExpression[object.name=/^(globalThis|process|global)$/][computed=true]:not([property.type="
         "'Literal'])", "message": _never("a made-up name of globalThis or process")},
    ]  # fmt: skip
    properties: list[JsonValue] = [
        {"object": "process", "property": name, "message": _never(f"process.{name}")} for name in _PROCESS
    ]
    properties += [{"object": "globalThis", "property": name, "message": _never(name)} for name in ("eval", "Function")]
    globals_: list[JsonValue] = [{"name": "require", "message": _never("require")}]
    if "env" not in granted:
        properties.append({"object": "process", "property": "env", "message": _undeclared("env")})
    if "net" not in granted:
        properties += [{"object": "globalThis", "property": one, "message": _undeclared("net")} for one in _NETWORK]
        globals_ += [{"name": one, "message": _undeclared("net")} for one in _NETWORK]
    return {
        "no-eval": "error",
        "no-implied-eval": "error",
        "no-new-func": "error",
        "no-restricted-imports": ["error", {"paths": paths}],
        "no-restricted-syntax": ["error", *syntax],
        "no-restricted-properties": ["error", *properties],
        "no-restricted-globals": ["error", *globals_],
    }


def configuration(spec: PluginSpecification) -> str:
    """Our own configuration of eslint, beside which no other counts: the scaffold's rules and these."""
    return f"""import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default [
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {{ rules: {{ 'no-undef': 'off' }} }},
  {{ files: ['src/**'], rules: {json.dumps(rules(spec), indent=2)} }},
];
"""


def _undeclared(capability: str) -> str:
    return f"That needs the capability '{capability}', which the specification does not grant."


def _never(what: str) -> str:
    return f"No plugin may use {what}."

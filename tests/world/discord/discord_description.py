"""Discord's own description of its answers, as JSON schemas.

Discord publishes an OpenAPI document on GitHub only; the npm package discord-api-spec carries the same schemas as zod,
which zod itself turns into JSON Schema. What was fetched once stays in `.cache/contracts/` at the repository's root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

PACKAGES = ("discord-api-spec@10.0.266135", "zod@4.1.12")
CACHE = Path(__file__).parents[3] / ".cache" / "contracts"
CONVERT = """
import { writeFileSync } from "node:fs";
import * as z from "zod";
import * as description from "discord-api-spec/zod";
const schemas = {};
for (const [name, schema] of Object.entries(description))
  if (name.endsWith("Schema")) schemas[name.slice(0, -6)] = z.toJSONSchema(schema, { unrepresentable: "any" });
writeFileSync("schemas.json", JSON.stringify(schemas));
"""


class Description:
    """Validates a body against a named schema, such as `MessageResponse`."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def problems(self, name: str, body: object) -> list[str]:
        validator = Draft202012Validator(self._schemas[name])
        return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(body)]


def load() -> Description:
    """The description, fetched when it is not there yet.

    Without npm the test is skipped, unless PRACTICUM_REQUIRE_ALL is 1.
    """
    target = CACHE / (PACKAGES[0].replace("@", "-") + ".json")
    if not target.exists():
        npm = shutil.which("npm")
        if npm is None:
            if os.environ.get("PRACTICUM_REQUIRE_ALL") == "1":
                pytest.fail("npm is not installed, and PRACTICUM_REQUIRE_ALL is 1")
            pytest.skip("npm is not installed")
        _fetch(npm, target)
    return Description(json.loads(target.read_text(), object_hook=_any_offset))


def _any_offset(schema: dict[str, Any]) -> dict[str, Any]:
    """Discord writes times with `+00:00`; zod's pattern for a date-time knows only `Z`, the OpenAPI document both."""
    if schema.get("format") == "date-time":
        schema["pattern"] = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
    return schema


def _fetch(npm: str, target: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        place = Path(directory)
        (place / "package.json").write_text('{"private": true, "type": "module"}')
        (place / "convert.mjs").write_text(CONVERT)
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        subprocess.run(install, cwd=place, check=True, capture_output=True, timeout=120)
        subprocess.run(["node", "convert.mjs"], cwd=place, check=True, capture_output=True, timeout=120)
        # renamed in one step, so that two test processes cannot read half a file
        (place / "schemas.json").rename(target)

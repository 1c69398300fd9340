"""GitHub's own description of its REST API, as JSON schemas for each operation's answers.

GitHub publishes an OpenAPI 3.0 document; the npm package @octokit/openapi carries it. What was fetched once stays in
`.cache/contracts/` at the repository's root.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"
CACHE = Path(__file__).parents[3] / ".cache" / "contracts"


def plain(template: str) -> str:
    """A template without the names of its parameters, which differ from page to page."""
    return re.sub(r"\{[^}]+\}", "{}", template)


class Description:
    """Validates answers against the operation that gave them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        resource: Resource[Any] = Resource(contents=document, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:github", resource)
        self.operations = {
            (method.upper(), plain(path)): (path, method)
            for path, methods in document["paths"].items()
            for method in methods
        }

    def problems(self, method: str, template: str, status: int, body: object) -> list[str]:
        """What is wrong with an answer; also when the operation knows no such status."""
        path, name = self.operations[method, plain(template)]
        responses = self._document["paths"][path][name]["responses"]
        if str(status) not in responses:
            return [f"{method} {template} never answers {status}"]
        response = responses[str(status)]
        if "$ref" in response:
            response = self._document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        content = response.get("content", {})
        if "application/json" not in content:
            # Refusals have a body in any case, whether their description shows it or not.
            return [] if not body or status >= 400 else [f"{method} {template} answers {status} without a body"]
        schema = {"$schema": DRAFT202012_URI, **_absolute(content["application/json"]["schema"])}
        validator = Draft202012Validator(schema, registry=self._registry)
        return [
            f"{method} {template}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in validator.iter_errors(body)
        ]


DRAFT202012_URI = "https://json-schema.org/draft/2020-12/schema"


def _absolute(schema: Any) -> Any:
    """References into the document, as seen from outside of it."""
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"urn:github{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
        for key, value in schema.items()
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if schema.pop("nullable", False) is not True:
        return schema
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [{"type": "null"}, schema]}


def load() -> Description:
    """The description, fetched when it is not there yet.

    Without npm the test is skipped, unless PRACTICUM_REQUIRE_ALL is 1.
    """
    target = CACHE / "octokit-openapi-23.0.2.json"
    if not target.exists():
        npm = shutil.which("npm")
        if npm is None:
            if os.environ.get("PRACTICUM_REQUIRE_ALL") == "1":
                pytest.fail("npm is not installed, and PRACTICUM_REQUIRE_ALL is 1")
            pytest.skip("npm is not installed")
        _fetch(npm, target)
    return Description(json.loads(target.read_text(), object_hook=_nullable))


def _fetch(npm: str, target: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        place = Path(directory)
        subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=place, check=True, capture_output=True, timeout=120)
        with tarfile.open(next(place.glob("*.tgz"))) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            (place / "document.json").write_bytes(member.read())
        # renamed in one step, so that two test processes cannot read half a file
        (place / "document.json").rename(target)

"""The daemon: where it is, and what is said when it is not there."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from practicum.errors import MissingExtraError, SandboxError

if TYPE_CHECKING:
    from docker import DockerClient

_ANSWER_S = 60
"""How long one request may take; output of commands has no such limit."""
MEND = "start it, or name another with DOCKER_HOST; or run with --environment sandbox"


def connect(base_url: str | None = None) -> DockerClient:
    """A client of the daemon at `base_url`, or DOCKER_HOST, or the usual socket. Blocks.

    Raises:
        MissingExtraError: the library is not installed.
        SandboxError: no daemon answers there; the hint mends it.
    """
    try:
        # Imported late: half a second, for who has containers.
        import docker
        import requests
    except ImportError as error:
        raise MissingExtraError("environment docker", "docker") from error
    place = base_url or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    try:
        _knock(place)
        client = (
            docker.DockerClient(base_url=base_url, timeout=_ANSWER_S)
            if base_url is not None
            else docker.DockerClient.from_env(timeout=_ANSWER_S)
        )
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError, ValueError) as error:
        raise SandboxError(f"environment docker: no daemon answers at {place}: {_short(error)}", hint=MEND) from error
    try:
        client.ping()
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        client.close()
        raise SandboxError(f"environment docker: no daemon answers at {place}: {_short(error)}", hint=MEND) from error
    return client


def _knock(place: str) -> None:
    """Say at once, and as the system says it, when nobody listens at a unix socket: the library leaves one open."""
    if place.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect("/" + place.removeprefix("unix://").lstrip("/"))


def is_rootless(client: DockerClient) -> bool:
    """Whether the daemon runs as a user: then root of a container is that user, and nobody else is anybody."""
    return "name=rootless" in (client.info().get("SecurityOptions") or [])


def image_there(client: DockerClient, image: str) -> None:
    """Pull an image that the daemon does not have. Blocks.

    Raises:
        SandboxError: it cannot be had.
    """
    import docker

    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(image)
        except docker.errors.APIError as error:
            raise SandboxError(
                f"environment docker: there is no image {image}: {_short(error)}", hint=f"docker pull {image}"
            ) from error


def _short(error: Exception) -> str:
    """What is said in one line of a few words."""
    text = str(getattr(error, "explanation", None) or getattr(error, "strerror", None) or error)
    return text if len(text) <= 200 else f"{text[:200]}..."

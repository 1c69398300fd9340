"""Containers of a Docker daemon (or of Podman, which speaks Docker's API)."""

from practicum.sandbox.docker.provider import DockerProvider

__all__ = ["DockerProvider"]

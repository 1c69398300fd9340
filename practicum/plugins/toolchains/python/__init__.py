"""Python plugins: `PythonToolchain`."""

from practicum.plugins.toolchains.python.toolchain import PythonToolchain

__all__ = ["PythonToolchain"]

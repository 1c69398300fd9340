"""Looks for the credentials that a run really uses, by their value: in processes, files, git objects, packs."""

from __future__ import annotations

import base64
import gzip
import re
import subprocess
import tempfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import nkeys

SEED = re.compile(rb"S[OAU][A-Z2-7]{56}")
"""A seed of an operator, an account or a user (https://docs.nats.io/using-nats/developer/connecting/nkey)."""
SIMULATED = re.compile(rb"simulated-[A-Za-z0-9_-]{43}")
"""The key of an account of the simulated world, as the proctor makes it."""
LEASE = re.compile(rb"pracl_[A-Za-z0-9_-]{43}")

_LARGEST_MAPPING = 256 << 20
_STRETCH = 64 << 10
_ZEROS = bytes(_STRETCH)


def seeds_in(data: bytes) -> set[str]:
    """Every seed in some bytes whose checksum is right."""
    found = set()
    for hit in SEED.findall(data):
        try:
            prefix, raw = nkeys.decode_seed(hit)
        except (nkeys.NkeysError, ValueError):
            continue
        if nkeys.encode_seed(bytes(raw), prefix) == hit:
            found.add(hit.decode())
    return found


def raw_key(seed: str) -> bytes:
    """The 32 bytes that a seed is the text of."""
    return bytes(nkeys.decode_seed(seed.encode())[1])


def forms(value: bytes) -> set[bytes]:
    """A value as it might be written: raw, base64 at each alignment (both alphabets), URL-encoded, hexadecimal."""
    found = {value, value.hex().encode(), value.hex().upper().encode()}
    found |= {urllib.parse.quote(value, safe="").encode(), "".join(f"%{byte:02x}" for byte in value).encode()}
    for before in range(3):
        # What stands at the edges depends on the neighbours; the middle is the value's alone.
        core = base64.b64encode(bytes(before) + value).rstrip(b"=")[4 if before else 0 : -2]
        found |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


class Canaries:
    """Named values, found in any form."""

    def __init__(self, values: Mapping[str, bytes]) -> None:
        self._forms = {form: name for name, value in values.items() for form in forms(value)}

    def within(self, data: bytes) -> set[str]:
        """The names of the values that some bytes hold."""
        # One search for each form: it skips most of the bytes, and is ten times faster than one expression for all.
        return {name for form, name in self._forms.items() if form in data}


def memory_of(pid: int) -> Iterator[bytes]:
    """What a process wrote into its memory, mapping by mapping; read as root (proc_pid_mem(5))."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            first, last = (int(part, 16) for part in span.split("-"))
            if mode[:2] != "rw" or last - first > _LARGEST_MAPPING:
                continue
            try:
                memory.seek(first)
                content = memory.read(last - first)
            except OSError:
                continue  # a mapping without pages behind it
            # Most of what is reserved was never written: long stretches of zeros, which take time to search.
            pages = (content[place : place + _STRETCH] for place in range(0, len(content), _STRETCH))
            yield b"".join(page for page in pages if page != _ZEROS[: len(page)])


def below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything below a folder: each file, what is packed in it, and each object of each git repository."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            yield f"{path} (link)", str(path.readlink()).encode()
        elif path.is_file():
            yield from _opened(str(path), path.read_bytes())
        elif path.name == "objects" and (path.parent / "HEAD").is_file():
            yield f"{path} (objects)", _objects(path.parent)


def _opened(place: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield place, data
    if data.startswith(b"\x1f\x8b"):
        yield f"{place} (gzip)", gzip.decompress(data)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for name in archive.namelist():
                yield f"{place} ({name})", archive.read(name)
    elif data[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        yield f"{place} (zlib)", zlib.decompress(data)
    elif b"PACK\0\0\0\x02" in data[:4096] and "/objects/" not in place:
        with tempfile.TemporaryDirectory() as name:
            subprocess.run(["git", "init", "-q", "--bare", name], check=True, timeout=30)
            pack = data[data.index(b"PACK\0\0\0\x02") :]
            command = ["git", "-C", name, "unpack-objects", "-q"]
            if subprocess.run(command, input=pack, capture_output=True, timeout=30, check=False).returncode == 0:
                yield f"{place} (pack)", _objects(Path(name))


def _objects(repository: Path) -> bytes:
    """Every object, reachable or not, unpacked."""
    command = ["git", "-c", "safe.directory=*", f"--git-dir={repository}", "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(command, capture_output=True, check=True, timeout=30).stdout

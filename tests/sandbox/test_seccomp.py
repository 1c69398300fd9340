"""The filter program, run by an interpreter of the same machine's rules in the test."""

from __future__ import annotations

import errno
import struct

import pytest

from practicum.errors import IsolationError
from practicum.sandbox import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}
SOCKET = {"x86_64": 41, "aarch64": 198}
IOCTL = {"x86_64": 16, "aarch64": 29}


def refused(error: int) -> int:
    return 0x00050000 | error


def execute(program: bytes, number: int, arch: int, *arguments: int) -> int:
    """Classic BPF as seccomp uses it (Documentation/networking/filter.rst)."""
    data = struct.pack("<IIQ6Q", number, arch, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = list(struct.iter_unpack("=HBBI", program))
    place = accumulator = 0
    while True:
        operation, if_true, if_false, constant = code[place]
        place += 1
        if operation == 0x20:
            [accumulator] = struct.unpack_from("<I", data, constant)
        elif operation == 0x06:
            return constant
        else:
            holds = {0x15: accumulator == constant, 0x35: accumulator >= constant, 0x45: bool(accumulator & constant)}
            place += if_true if holds[operation] else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_each_call_gets_the_answer_it_should(machine: str) -> None:
    program, arch = seccomp.program(machine), ARCH[machine]
    special = {CLONE[machine], SOCKET[machine], IOCTL[machine], 435}
    denied = set(seccomp.denied(machine).values())
    assert not denied & special
    for number in range(480):
        if number not in special:
            expected = refused(errno.EPERM) if number in denied else ALLOW
            assert execute(program, number, arch) == expected, number
    assert execute(program, 435, arch) == refused(errno.ENOSYS)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_new_namespaces_are_refused_and_threads_are_not(machine: str) -> None:
    program, arch, clone = seccomp.program(machine), ARCH[machine], CLONE[machine]
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert execute(program, clone, arch, flag | 17) == refused(errno.EPERM)
    assert execute(program, clone, arch, 0x3D0F00) == ALLOW
    assert execute(program, clone, arch, 0x4111) == ALLOW


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_only_sockets_that_a_network_namespace_holds_exist(machine: str) -> None:
    program, arch = seccomp.program(machine), ARCH[machine]
    allowed = {family for family in range(64) if execute(program, SOCKET[machine], arch, family) == ALLOW}
    assert allowed == {1, 2, 10, 16}
    assert execute(program, SOCKET[machine], arch, 40) == refused(errno.EAFNOSUPPORT)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_nobody_types_into_a_terminal_for_another(machine: str) -> None:
    program, arch = seccomp.program(machine), ARCH[machine]
    assert execute(program, IOCTL[machine], arch, 0, 0x5412) == refused(errno.EPERM)
    assert execute(program, IOCTL[machine], arch, 0, 0x541C) == refused(errno.EPERM)
    assert execute(program, IOCTL[machine], arch, 0, 0x5401) == ALLOW


def test_calls_of_another_machine_end_the_process() -> None:
    assert execute(seccomp.program("x86_64"), 1, 0x40000003) == KILL
    assert execute(seccomp.program("aarch64"), 1, ARCH["x86_64"]) == KILL
    assert execute(seccomp.program("x86_64"), 0x40000001, ARCH["x86_64"]) == refused(errno.ENOSYS)


def test_an_unknown_machine_is_refused_and_not_left_open() -> None:
    with pytest.raises(IsolationError, match="riscv64"):
        seccomp.program("riscv64")

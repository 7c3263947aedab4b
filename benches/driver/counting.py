"""What repeats to the digit: instructions, allocations and system calls of one call.

Each is the difference between a long run and a short one, so that what happens once drops out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable

from .tools import both, has
from .workshop import Workshop

FEW, MANY = 100, 600


def per_call(workshop: Workshop, contestant: str, *arguments: str) -> dict[str, Any]:
    """The counts of one kept-alive call. What no tool can count is left out."""
    program = workshop.compile("calls", [contestant])

    def command(calls: int) -> list[str | Path]:
        return [program, *arguments, "--calls", str(calls)]

    counts: dict[str, Any] = {}
    if has("valgrind", "valgrind"):
        counts["instructions"] = round(_difference(lambda calls: _instructions(command(calls))))
        counts["allocations"] = round(_difference(lambda calls: _allocations(command(calls))), 2)
    if has("strace", "strace"):
        few, many = _system_calls(workshop, command(FEW)), _system_calls(workshop, command(MANY))
        by_name = {name: _rate(many[name] - few.get(name, 0)) for name in sorted(many)}
        by_name = {name: count for name, count in by_name.items() if count != 0}
        counts["system_calls"] = round(sum(by_name.values()), 2)
        counts["system_calls_by_name"] = by_name
    return counts


def _difference(count: Callable[[int], int]) -> float:
    return (count(MANY) - count(FEW)) / (MANY - FEW)


def _rate(difference: int) -> float:
    return round(difference / (MANY - FEW), 2)


def _instructions(command: list[str | Path]) -> int:
    """In user space, of the program and everything it loads."""
    watched = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    return _number(r"Collected : (\d+)", both(watched)[1])


def _allocations(command: list[str | Path]) -> int:
    watched = ["valgrind", "--tool=memcheck", "--leak-check=no", *command]
    return _number(r"total heap usage: ([\d,]+) allocs", both(watched)[1])


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, text
    return int(found[1].replace(",", ""))


def _system_calls(workshop: Workshop, command: list[str | Path]) -> dict[str, int]:
    """How often each was made, failed ones too."""
    output = workshop.folder / "strace.txt"
    both(["strace", "-c", "-f", "-U", "name,calls", "-o", output, *command])
    counts = {}
    for line in output.read_text().splitlines():
        words = line.split()
        if len(words) == 2 and words[1].isdigit() and words[0] != "total":
            counts[words[0]] = int(words[1])
    assert counts, output.read_text()
    return counts

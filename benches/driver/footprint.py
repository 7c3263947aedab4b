"""Sizes on disk, and resident memory per idle connection."""

from __future__ import annotations

import re
import statistics
import subprocess
from pathlib import Path
from typing import Any

from .placement import CORES, on
from .server import Server
from .tools import has, run
from .workshop import Workshop

IDLE = 64
# So long that all connections are made before the first is free again.
IDLE_DELAY_MS = 500
REPEATS = 3


def sizes(workshop: Workshop) -> dict[str, Any]:
    """Each library, stripped, and all that the loader brings with it."""
    table: dict[str, Any] = {}
    if not has("ldd", "libc-bin"):
        return table
    for name, contestant in (("contactverify", "library"), ("libcurl", "curl")):
        program = workshop.compile("calls", [contestant])
        loaded = {Path(found).resolve() for found in re.findall(r"/\S+", run(["ldd", program]))}
        soname = "libcontactverify" if contestant == "library" else "libcurl"
        own = next(path for path in loaded if path.name.startswith(soname))
        stripped = stripped_bytes(workshop, own)
        others = sum(path.stat().st_size for path in loaded if path != own)
        table[name] = {
            "stripped_bytes": stripped,
            "loaded_libraries": len(loaded),
            "loaded_bytes": stripped + others,
        }
    return table


def stripped_bytes(workshop: Workshop, library: Path) -> int:
    """The size of a library without the symbols that only a debugger needs."""
    workshop.folder.mkdir(parents=True, exist_ok=True)
    copy = workshop.folder / "stripped.so"
    run(["strip", "--strip-all", "-o", copy, library])
    return copy.stat().st_size


def memory(workshop: Workshop) -> dict[str, Any]:
    """Resident memory of a process with one and with many idle TLS connections."""
    table = {}
    with on(CORES), Server(workshop, IDLE_DELAY_MS) as server:
        for name, contestant in (("contactverify", "library"), ("libcurl", "curl")):
            program = workshop.compile("threads", [contestant])
            one, many = (
                statistics.median(_resident(program, server, count) for _ in range(REPEATS))
                for count in (1, IDLE)
            )
            table[name] = {
                "one_kib": one,
                f"{IDLE}_kib": many,
                "per_connection_kib": round((many - one) / (IDLE - 1), 1),
            }
    return table


def _resident(program: Path, server: Server, count: int) -> int:
    printed = run([program, *server.trusted, "--threads", str(count)])
    connections, kib = printed.split()[2:]
    assert int(connections) == count, f"{connections} connections instead of {count}"
    return int(kib)


def crates() -> int:
    """How many crates are linked into the library, itself apart."""
    command = ["cargo", "tree", "--locked", "--package", "contactverify", "--prefix", "none"]
    command += ["--edges", "normal,no-proc-macro", "--format", "{p}"]
    tree = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = {line.removesuffix(" (*)").strip() for line in tree.splitlines()}
    return len([name for name in names if name and not name.startswith("contactverify ")])

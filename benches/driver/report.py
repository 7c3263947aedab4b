"""The table on standard output, and what the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any

from .tools import Failed, both
from .workshop import ROOT, compiler

PLACED = {
    "plain": "Plain http, kept alive, per call",
    "tls": "TLS 1.3, kept alive, per call",
    "python": "Python, plain http, kept alive, per call",
}
WHERE = {
    "apart": "server and client each on a core of its own",
    "together": "server and client on one core",
}
MIB = 1024 * 1024


def surroundings() -> dict[str, Any]:
    """The machine and the versions, without which a figure says little."""
    processors = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", processors)
    return {
        "commit": _first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "rustc": _first_line("rustc", "--version"),
        "compiler": _first_line(*compiler(), "--version"),
        "libcurl": _first_line("curl-config", "--version"),
        "openssl": _first_line("openssl", "version"),
        "python": platform.python_version(),
    }


def _first_line(*command: str) -> str:
    try:
        return both(command)[0].splitlines()[0]
    except (FileNotFoundError, Failed):
        return "unknown"


def table(results: dict[str, Any]) -> str:
    """Everything that was measured, for a person."""
    parts = []
    for key, title in PLACED.items():
        for placement, contestants in results.get(key, {}).items():
            parts.append(_timed(f"{title}, {WHERE[placement]}", contestants))
    if "first_verdict" in results:
        title = "Process start to first verdict, TLS, the system's trust store"
        parts.append(_timed(title, results["first_verdict"]))
    if "per_call" in results:
        parts.append(_counted(results["per_call"]))
    if "size" in results:
        parts.append(_sizes(results["size"]))
    if "memory" in results:
        parts.append(_memory(results["memory"]))
    if "threads" in results:
        parts.append(_threads(results["threads"]))
    return "\n\n".join(parts)


def _lines(title: str, heads: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    lines = [title]
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def _timed(title: str, contestants: dict[str, Any]) -> str:
    heads = ["", "median us", "minimum us", "ours / theirs", "quartiles"]
    rows = []
    for name, row in contestants.items():
        low, high = row["our_ratio_quartiles"]
        ratio = [f"{row['our_ratio']:.3f}", f"{low:.3f} to {high:.3f}"]
        times = [f"{row['median_us']:.1f}", f"{row['minimum_us']:.1f}"]
        rows.append([name, *times, *(ratio if name != "contactverify" else ["", ""])])
    return _lines(title, heads, rows)


def _counted(contestants: dict[str, Any]) -> str:
    heads = ["", "instructions", "allocations", "system calls", "which"]
    rows = []
    for name, row in contestants.items():
        by_name = row.get("system_calls_by_name", {})
        which = ", ".join(f"{call} {count:g}" for call, count in by_name.items())
        keys = ("instructions", "allocations", "system_calls")
        counts = [f"{row[key]:,}" if key in row else "-" for key in keys]
        rows.append([name, *counts, which or "-"])
    return _lines(
        "Kept alive, plain http where nothing else is said, counted per call", heads, rows
    )


def _sizes(contestants: dict[str, Any]) -> str:
    heads = ["", "library MiB", "loaded libraries", "all loaded MiB"]
    rows = [
        [
            name,
            f"{row['stripped_bytes'] / MIB:.2f}",
            str(row["loaded_libraries"]),
            f"{row['loaded_bytes'] / MIB:.1f}",
        ]
        for name, row in contestants.items()
    ]
    return _lines("Size, stripped", heads, rows)


def _memory(contestants: dict[str, Any]) -> str:
    heads = ["", "1 connection KiB", "64 connections KiB", "per connection KiB"]
    rows = [
        [name, f"{row['one_kib']}", f"{row['64_kib']}", f"{row['per_connection_kib']}"]
        for name, row in contestants.items()
    ]
    return _lines("Resident memory, idle TLS connections", heads, rows)


def _threads(rows: list[dict[str, Any]]) -> str:
    heads = ["", "threads", "of the most", "CPU us per call", "of one thread's"]
    cells = [
        [
            row["contestant"],
            str(row["threads"]),
            f"{row['throughput_share']:.1%}",
            f"{row['cpu_us_per_call']:.1f}",
            f"{row['cpu_per_that_of_one_thread']:.2f}",
        ]
        for row in sorted(rows, key=lambda row: (row["contestant"], row["threads"]))
    ]
    return _lines("Threads on one client, a server that waits 20 ms", heads, cells)

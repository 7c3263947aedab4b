"""Threads on one client, against a server that takes its time."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from .placement import CORES, on
from .server import Server
from .tools import run
from .workshop import Workshop

DELAY_MS = 20
THREADS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
CALLS = 50
REPEATS = 3


def threads(workshop: Workshop) -> list[dict[str, Any]]:
    """Throughput as a share of what the delay allows, and CPU time per call."""
    programs = {
        "contactverify": workshop.compile("threads", ["library"]),
        "libcurl": workshop.compile("threads", ["curl"]),
    }
    took: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with on(CORES), Server(workshop, DELAY_MS) as server:
        for _ in range(REPEATS):
            for count in THREADS:
                for name, program in programs.items():
                    took.setdefault((name, count), []).append(_once(program, server, count))
    table = []
    for (name, count), runs in took.items():
        share = statistics.median(share for share, _ in runs)
        cpu = statistics.median(cpu for _, cpu in runs)
        alone = statistics.median(cpu for _, cpu in took[name, 1])
        table.append(
            {
                "contestant": name,
                "threads": count,
                "throughput_share": round(share, 3),
                "cpu_us_per_call": round(cpu, 1),
                "cpu_per_that_of_one_thread": round(cpu / alone, 2),
            }
        )
    return table


def _once(program: Path, server: Server, count: int) -> tuple[float, float]:
    settings = [*server.plainly, "--threads", str(count), "--calls", str(CALLS)]
    nanoseconds, cpu = (int(word) for word in run([program, *settings]).split()[:2])
    calls = count * CALLS
    most_per_second = count * 1000 / DELAY_MS
    return calls / (nanoseconds / 1e9) / most_per_second, cpu / 1000 / calls

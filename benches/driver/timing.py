"""Time per call, and time to the first verdict: medians, minima, and ratios per round."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable

from .placement import PLACEMENTS, on
from .server import Server
from .tools import run
from .workshop import ROOT, Workshop

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs")
BUNDLE = "ca-certificates.crt"


def plain(workshop: Workshop, rounds: int) -> dict[str, Any]:
    """Kept-alive calls over plain http, in each placement."""
    program = workshop.compile("rounds", ["raw", "curl", "library"])
    return _in_each_placement(
        workshop, lambda server: run([program, *server.plainly, *_amount(rounds)])
    )


def tls(workshop: Workshop, rounds: int) -> dict[str, Any]:
    """Kept-alive calls over TLS 1.3, which is all that the server speaks, in each placement."""
    program = workshop.compile("rounds", ["raw", "curl", "library"])

    def measure(server: Server) -> str:
        return run([program, *server.trusted, *_amount(rounds)])

    return _in_each_placement(workshop, measure)


def _amount(rounds: int) -> list[str]:
    return ["--rounds", str(rounds), "--calls", "500"]


def python(workshop: Workshop, rounds: int) -> dict[str, Any]:
    """Kept-alive calls over plain http from Python, in each placement."""
    program: list[str | Path] = [workshop.python(), ROOT / "benches/python/rounds.py"]
    environment = {
        "CONTACTVERIFY_LIBRARY": str(workshop.library),
        "PYTHONPATH": str(ROOT / "bindings/python/src"),
    }
    return _in_each_placement(
        workshop,
        lambda server: run([*program, server.plain, str(rounds), "100"], **environment),
    )


def _in_each_placement(workshop: Workshop, measure: Callable[[Server], str]) -> dict[str, Any]:
    table = {}
    for name, (servers, clients) in PLACEMENTS.items():
        with on(servers), Server(workshop) as server, on(clients):
            table[name] = _compare(_rows(measure(server)))
    return table


def first_verdict(workshop: Workshop, server: Server, rounds: int) -> dict[str, Any]:
    """From the start of a process to its first verdict over TLS."""
    programs = {
        str(workshop.compile("calls", ["curl"])): "libcurl",
        str(workshop.compile("calls", ["library"])): "contactverify",
    }
    trust = _trust_store(workshop, server)
    environment = {"SSL_CERT_FILE": str(trust / BUNDLE), "SSL_CERT_DIR": str(trust)}
    launcher = workshop.compile("first", [])
    printed = run(
        [launcher, str(rounds), *programs, "--", "--endpoint", server.secure], **environment
    )
    return _compare((programs[path], time, time) for path, time in _pairs(printed))


def _trust_store(workshop: Workshop, server: Server) -> Path:
    """The system's trust store as a folder of ours, with the server's authority added."""
    folder = workshop.folder / "trust"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for entry in SYSTEM_CERTIFICATES.iterdir():
        if entry.name != BUNDLE:
            (folder / entry.name).symlink_to(entry)
    authority = server.authority.read_text()
    (folder / "contactverify-bench.pem").write_text(authority)
    (folder / BUNDLE).write_text((SYSTEM_CERTIFICATES / BUNDLE).read_text() + authority)
    return folder


def _rows(printed: str) -> Iterable[tuple[str, int, int]]:
    for line in printed.splitlines():
        name, median, minimum = line.split("\t")
        yield name, int(median), int(minimum)


def _pairs(printed: str) -> Iterable[tuple[str, int]]:
    for line in printed.splitlines():
        name, time = line.split("\t")
        yield name, int(time)


def _compare(rows: Iterable[tuple[str, int, int]]) -> dict[str, Any]:
    """What each contestant took, and what this library took per what each other one took."""
    medians: dict[str, list[int]] = {}
    minima: dict[str, list[int]] = {}
    for name, median, minimum in rows:
        medians.setdefault(name, []).append(median)
        minima.setdefault(name, []).append(minimum)
    ours = medians["contactverify"]
    table = {}
    for name, theirs in medians.items():
        ratios = [our / their for our, their in zip(ours, theirs)]
        low, middle, high = _quartiles(ratios)
        table[name] = {
            "median_us": round(statistics.median(theirs) / 1000, 2),
            "minimum_us": round(min(minima[name]) / 1000, 2),
            "our_ratio": round(middle, 3),
            "our_ratio_quartiles": [round(low, 3), round(high, 3)],
        }
    return table


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high

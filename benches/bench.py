#!/usr/bin/env python3
"""Measures this library against its peers: `make bench`, `make bench-publish`, `make budget`.

    bench.py run BUILT FOLDER ROUNDS [PART...]    measures, and writes the results to FOLDER
    bench.py publish FOLDER                       the chart of the last run becomes the README's
    bench.py budget BUILT FOLDER                  what repeats, against benches/ceilings.txt

BUILT is the folder of the built library. README.md says what each figure is.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Callable

from driver import budget, chart, counting, footprint, report, scaling, timing
from driver.placement import PLACEMENTS, on
from driver.server import Server
from driver.tools import Failed
from driver.workshop import ROOT, Workshop

LEAST_ROUNDS = 15
LONG_TOKEN = 4096


def main(words: list[str]) -> int:
    if len(words) >= 4 and words[0] == "run":
        run(Workshop(Path(words[1]), Path(words[2])), int(words[3]), words[4:])
        return 0
    if len(words) == 2 and words[0] == "publish":
        publish(Path(words[1]))
        return 0
    if len(words) == 3 and words[0] == "budget":
        return 0 if budget.check(Workshop(Path(words[1]), Path(words[2]))) else 1
    print(__doc__, file=sys.stderr)
    return 2


def run(workshop: Workshop, rounds: int, wanted: list[str]) -> None:
    """Measures all parts, or those that are wanted, and writes table, JSON and chart."""
    results: dict[str, Any] = {"rounds": rounds}
    load, began = os.getloadavg()[0], time.monotonic()
    servers, clients = PLACEMENTS["apart"]
    with on(servers), Server(workshop) as server, on(clients):
        known = parts(workshop, server, rounds)
        for name in wanted or known:
            if name not in known:
                raise Failed(f"no such part: {name}. There are: {' '.join(known)}")
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            results[name] = known[name]()
    seconds = round(time.monotonic() - began)
    results["surroundings"] = {**report.surroundings(), "load_before": load, "seconds": seconds}

    print(report.table(results))
    if rounds < LEAST_ROUNDS:
        print(f"\n{rounds} rounds say little: take {LEAST_ROUNDS} or more.")
    (workshop.folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    (workshop.folder / "chart.svg").write_text(chart.draw(results))


def parts(workshop: Workshop, server: Server, rounds: int) -> dict[str, Callable[[], Any]]:
    def per_call() -> dict[str, Any]:
        def count(contestant: str, *arguments: str) -> dict[str, Any]:
            return counting.per_call(workshop, contestant, *arguments)

        long_token = [*server.plainly, "--token-length", str(LONG_TOKEN)]
        return {
            "contactverify": count("library", *server.plainly),
            "libcurl": count("curl", *server.plainly),
            "raw socket": count("raw", *server.plainly),
            f"contactverify, token of {LONG_TOKEN}": count("library", *long_token),
            f"libcurl, token of {LONG_TOKEN}": count("curl", *long_token),
            "contactverify, TLS": count("library", *server.trusted),
            "libcurl, TLS": count("curl", *server.trusted),
        }

    return {
        "plain": lambda: timing.plain(workshop, rounds),
        "tls": lambda: timing.tls(workshop, rounds),
        "python": lambda: timing.python(workshop, rounds),
        "first_verdict": lambda: timing.first_verdict(workshop, server, rounds),
        "per_call": per_call,
        "size": lambda: footprint.sizes(workshop),
        "memory": lambda: footprint.memory(workshop),
        "threads": lambda: scaling.threads(workshop),
    }


def publish(folder: Path) -> None:
    """Copies the last run's chart to where the README shows it."""
    results = json.loads((folder / "results.json").read_text())
    if results["rounds"] < LEAST_ROUNDS or not all(key in results for key, _ in chart.PANELS):
        raise Failed("the last run was not a whole one: run `make bench` first")
    target = ROOT / "docs/bench.svg"
    target.write_text((folder / "chart.svg").read_text())
    print(f"wrote {target.relative_to(ROOT)}, measured at {results['surroundings']['commit']}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as error:
        sys.exit(str(error))

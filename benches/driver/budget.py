"""The guard: what repeats to the digit must not grow."""

from __future__ import annotations

from . import counting, footprint
from .server import Server
from .workshop import BENCHES, Workshop

CEILINGS = BENCHES / "ceilings.txt"
# A ceiling stands this much above the best that was reached.
SLACK = 1.05


def check(workshop: Workshop) -> bool:
    """Prints each figure against its ceiling. False if one is above."""
    measured = _measure(workshop)
    within = True
    for name, ceiling in _ceilings().items():
        if name not in measured:
            print(f"{name:<20} skipped")
            continue
        figure = measured[name]
        lower = int(figure * SLACK)
        remark = ""
        if figure > ceiling:
            within = False
            remark = "  TOO MUCH"
        elif lower < ceiling:
            remark = f"  {lower:,} would do: lower it in {CEILINGS.name}"
        print(f"{name:<20} {figure:>11,}  at most {ceiling:>9,}{remark}")
    return within


def _measure(workshop: Workshop) -> dict[str, float]:
    measured: dict[str, float] = {
        "library_bytes": footprint.stripped_bytes(workshop, workshop.library),
        "crates": footprint.crates(),
    }
    with Server(workshop) as server:
        for way, arguments in (("plain", server.plainly), ("tls", server.trusted)):
            counts = counting.per_call(workshop, "library", *arguments)
            for name in ("instructions", "allocations", "system_calls"):
                if name in counts:
                    measured[f"{way}_{name}"] = counts[name]
    return measured


def _ceilings() -> dict[str, int]:
    ceilings = {}
    for line in CEILINGS.read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            ceilings[words[0]] = int(words[1])
    return ceilings

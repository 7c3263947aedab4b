"""Programs that the bench runs, and what it says if one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

Command = Sequence["str | Path"]


class Failed(Exception):
    """A program that ended as it should not, with what it printed."""


def has(tool: str, package: str) -> bool:
    """Whether a tool is there. CI, which installs it, fails without."""
    if shutil.which(tool):
        return True
    sentence = f"skipped: {tool} is not installed (apt-get install {package})"
    if "CI" in os.environ:
        raise Failed(sentence)
    print(sentence, flush=True)
    return False


def run(command: Command, **environment: str) -> str:
    """Runs a program to its end and returns its standard output."""
    return both(command, **environment)[0]


def both(command: Command, **environment: str) -> tuple[str, str]:
    """Runs a program to its end and returns its standard output and its standard error."""
    ended = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if ended.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise Failed(f"{words}: status {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended.stdout, ended.stderr

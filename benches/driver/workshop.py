"""Where things are, and what is built of them."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from .tools import Failed, run

BENCHES = Path(__file__).resolve().parent.parent
ROOT = BENCHES.parent

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

# What each contestant's programs are linked with, and how to get it.
LIBRARIES = {
    "library": ["-lcontactverify"],
    "curl": ["-lcurl", "-lcjson"],
    "raw": [],
}
PACKAGES = "libcurl4-openssl-dev libcjson-dev"


def compiler() -> list[str]:
    """The C compiler, as `make` was told."""
    return shlex.split(os.environ.get("CC", "cc"))


@dataclass(frozen=True)
class Workshop:
    """The folder of the built library, and the bench's own."""

    built: Path
    folder: Path

    @property
    def library(self) -> Path:
        return self.built / "libcontactverify.so"

    @property
    def server(self) -> Path:
        return self.built / "contactverify-bench-server"

    def compile(self, program: str, contestants: list[str]) -> Path:
        """A program with its contestants. One with a single contestant is called CONTESTANT."""
        self.folder.mkdir(parents=True, exist_ok=True)
        single = contestants[0] if len(contestants) == 1 else None
        output = self.folder / (f"{program}-{single}" if single else program)
        sources = [f"{program}.c", *(f"{contestant}.c" for contestant in contestants)]
        command: list[str | Path] = [*compiler(), "-std=gnu11", "-O2", *WARNINGS]
        command += [f"-DCONTESTANT={single}"] if single else []
        command += ["-pthread", "-I", ROOT / "include", "-o", output]
        command += [BENCHES / "c" / source for source in sources]
        command += ["-L", self.built, f"-Wl,-rpath,{self.built}"]
        for contestant in contestants:
            command += LIBRARIES[contestant]
        try:
            run(command)
        except Failed as error:
            if "curl/curl.h" in str(error) or "cJSON.h" in str(error):
                hint = f"missing: libcurl or cJSON. Install them: apt-get install {PACKAGES}"
                raise Failed(hint) from None
            raise
        return output

    def python(self) -> Path:
        """The interpreter of a virtual environment with the contestants in Python."""
        venv = self.folder / "venv"
        python = venv / "bin" / "python"
        requirements = BENCHES / "python" / "requirements.txt"
        installed = venv / "installed.txt"
        wanted = requirements.read_text()
        if not installed.exists() or installed.read_text() != wanted:
            run([sys.executable, "-m", "venv", "--clear", venv])
            run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements])
            installed.write_text(wanted)
        return python

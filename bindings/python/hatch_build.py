"""Builds the library, puts it into the wheel, and names the systems on which that one runs.

``CONTACTVERIFY_LIBRARY`` names a library that is built already, such as a distribution's own or
one for older systems. Without it, a checkout is needed, and cargo.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "CONTACTVERIFY_LIBRARY"
CARGO = ("cargo", "build", "--release", "--locked", "--package", "contactverify")

# The minor versions of glibc for which auditwheel has a policy; after the last one, each has.
GLIBC_POLICIES = (5, 12, 17, 24, 26, 27, 28, 31, 34)
# Of what the policies allow to be there, what this library could need.
ON_EVERY_SYSTEM = re.compile(r"lib(c|m|dl|rt|pthread|gcc_s)\.so\.\d|ld-linux.*\.so\.\d")
ARCHITECTURES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}


class LibraryHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs when a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Tells hatchling of the library and of the platform."""
        # One that is installed to be edited takes the library that CONTACTVERIFY_LIBRARY names
        # at run time: it is not beside the sources.
        if version == "editable":
            return
        library = given() or built(Path(self.root).parents[1])
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform(library)}"
        build_data["force_include"][str(library)] = "contactverify/libcontactverify.so"


def given() -> Path | None:
    """The library that the environment names."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    library = Path(name).resolve()
    if not library.is_file():
        raise stop(f"{VARIABLE} names {name}, which is no file: give its whole path.")
    return library


def built(root: Path) -> Path:
    """The library as cargo builds it from the sources of a checkout."""
    manifest = root / "Cargo.toml"
    if not manifest.is_file() or 'name = "contactverify"' not in manifest.read_text():
        raise stop(
            "This package's library is written in Rust, and its sources are not here: build from "
            "a checkout of the whole repository (pip install ./bindings/python; pip 21.3 or "
            f"later), or set {VARIABLE} to the path of a libcontactverify.so of this version."
        )
    try:
        # Its messages for people go to standard error, as always.
        done = subprocess.run(
            [*CARGO, "--message-format=json-render-diagnostics"],
            cwd=root,
            stdout=subprocess.PIPE,
            check=True,
        )
    except FileNotFoundError:
        raise stop(
            "cargo is missing, which builds this package's library. Install Rust "
            f"(https://rustup.rs), or set {VARIABLE} to the path of a libcontactverify.so."
        ) from None
    except subprocess.CalledProcessError as error:
        raise stop(
            f"{' '.join(CARGO)} ended with status {error.returncode}; see its message above."
        ) from None
    # Where cargo builds, it alone knows: variables and its own files may say so.
    for message in map(json.loads, done.stdout.splitlines()):
        target = message.get("target", {})
        if target.get("name") == "contactverify" and "cdylib" in target.get("kind", ()):
            for file in message.get("filenames", ()):
                if file.endswith("libcontactverify.so"):
                    return Path(file)
    raise stop("cargo built no libcontactverify.so: this package is for Linux.")


def platform(library: Path) -> str:
    """The platform tag, as auditwheel finds it: by the symbol versions that are needed."""
    with library.open("rb") as file:
        elf = ELFFile(file)
        dynamic: Any = elf.get_section_by_name(".dynamic")
        versions: Any = elf.get_section_by_name(".gnu.version_r")
        tags = list(dynamic.iter_tags())
        needed = [tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"]
        names = [tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"]
        symbols = [aux.name for _, each in versions.iter_versions() for aux in each]
        machine = ARCHITECTURES.get(elf["e_machine"])
    if not any(name.startswith("libcontactverify.so.") for name in names):
        raise stop(f"{library} is not contactverify's library.")
    glibc = [int(found[1]) for each in symbols if (found := re.match(r"GLIBC_2\.(\d+)", each))]
    if machine is None or not glibc or not all(map(ON_EVERY_SYSTEM.fullmatch, needed)):
        # Good for this machine; of others nothing is known.
        return re.sub(r"[.-]", "_", sysconfig.get_platform())
    least = max(glibc)
    policy = next((each for each in GLIBC_POLICIES if each >= least), least)
    return f"manylinux_2_{policy}_{machine}"


def stop(sentence: str) -> SystemExit:
    """Ends the build, without a traceback in which nobody would find the sentence."""
    return SystemExit(f"contactverify: {sentence}")

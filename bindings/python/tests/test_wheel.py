"""The wheel: what is in it, the name that it bears, and what is said when it cannot be built."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from contactverify import __version__
from service import library_file

PACKAGE = Path(__file__).resolve().parents[1]
TOOLS = ("hatchling", "elftools", "auditwheel")
MISSING = [name for name in TOOLS if importlib.util.find_spec(name) is None]
if MISSING:
    print(f"test_wheel: skipped: not installed: {', '.join(MISSING)}", file=sys.stderr)


@unittest.skipIf(MISSING, f"skipped: not installed: {', '.join(MISSING)}")
class Wheel(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def build(
        self, library: Path | str | None, *, package: Path = PACKAGE, path: str | None = None
    ) -> tuple[Path | None, str]:
        """The wheel, if there is one, and what was said."""
        made = self.directory / "made"
        variables = {**os.environ, "PATH": path or os.environ["PATH"]}
        variables.pop("CONTACTVERIFY_LIBRARY", None)
        if library is not None:
            variables["CONTACTVERIFY_LIBRARY"] = str(library)
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(made)],
            cwd=package,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        wheels = list(made.glob("*.whl"))
        self.assertEqual(done.returncode == 0, len(wheels) == 1, done.stderr)
        # A sentence, and no traceback above it.
        self.assertNotIn("Traceback", done.stderr)
        return next(iter(wheels), None), done.stdout + done.stderr

    def built(self, library: Path | None, path: str | None = None) -> Path:
        wheel, said = self.build(library, path=path)
        assert wheel is not None, said
        return wheel

    def test_what_is_in_it(self) -> None:
        with zipfile.ZipFile(self.built(library_file())) as wheel:
            files = set(wheel.namelist())
            inside = wheel.read("contactverify/libcontactverify.so")
            (described,) = (name for name in files if name.endswith("/METADATA"))
            metadata = wheel.read(described).decode()
        self.assertEqual(inside, library_file().read_bytes())
        information = f"contactverify-{__version__}.dist-info"
        sources = {path.name for path in (PACKAGE / "src" / "contactverify").glob("*.py")}
        self.assertEqual(
            files,
            {f"contactverify/{name}" for name in (*sources, "py.typed", "libcontactverify.so")}
            | {f"{information}/{n}" for n in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
            | {f"{information}/licenses/LICENSE-{name}" for name in ("APACHE", "MIT")},
        )
        self.assertNotIn("Requires-Dist", metadata)

    def test_its_name_is_the_one_that_auditwheel_gives(self) -> None:
        wheel = self.built(library_file())
        shown = subprocess.run(
            [sys.executable, "-m", "auditwheel", "show", str(wheel)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        said = " ".join(shown.stdout.split())
        tag = wheel.stem.split("-py3-none-")[1]
        self.assertRegex(tag, r"\A(manylinux|linux)_\w+\Z")
        self.assertIn(f'following platform tag: "{tag}"', said)

    def test_a_library_that_is_not_there(self) -> None:
        self.assertIn("/nowhere.so, which is no file", self.build("/nowhere.so")[1])

    def test_another_library(self) -> None:
        (other,) = (
            line.split()[-1]
            for line in Path("/proc/self/maps").read_text().splitlines()
            if "/libc.so" in line and "r-xp" in line
        )
        self.assertIn("is not contactverify's library", self.build(other)[1])

    def test_no_rust_sources(self) -> None:
        alone = self.directory / "alone"
        shutil.copytree(PACKAGE, alone, ignore=shutil.ignore_patterns("__pycache__"))
        self.assertIn("build from a checkout", self.build(None, package=alone)[1])
        self.assertIsNotNone(self.build(library_file(), package=alone)[0])

    def test_cargo_builds_where_it_likes(self) -> None:
        unlike = {"reason": "compiler-artifact", "target": {"name": "ring", "kind": ["lib"]}}
        files = [str(library_file().with_suffix(".a")), str(library_file())]
        like = {"target": {"name": "contactverify", "kind": ["lib", "cdylib"]}, "filenames": files}
        messages = f"{json.dumps(unlike)}\n{json.dumps(like)}"
        self.built(None, path=self.cargo(f"cat <<'END'\n{messages}\nEND"))

    def test_cargo_fails(self) -> None:
        said = self.build(None, path=self.cargo("echo 'no compiler' >&2; exit 101"))[1]
        self.assertIn("no compiler", said)
        self.assertIn("contactverify ended with status 101", said)

    def test_no_cargo(self) -> None:
        empty = self.directory / "empty"
        empty.mkdir()
        self.assertIn("cargo is missing", self.build(None, path=str(empty))[1])

    def cargo(self, script: str) -> str:
        """A PATH with another cargo in front."""
        tools = self.directory / "tools"
        tools.mkdir()
        program = tools / "cargo"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return os.pathsep.join([str(tools), os.environ["PATH"]])


class Licences(unittest.TestCase):
    def test_they_are_the_repositorys(self) -> None:
        for name in ("LICENSE-APACHE", "LICENSE-MIT"):
            ours, theirs = (each / name for each in (PACKAGE, PACKAGE.parents[1]))
            self.assertEqual(ours.read_bytes(), theirs.read_bytes())


if __name__ == "__main__":
    unittest.main()

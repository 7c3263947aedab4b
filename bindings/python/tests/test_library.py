"""How the shared library is found, and what is said when it is not."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import contactverify
from contactverify import LibraryNotFoundError, _library
from service import library_file, run

LOAD = "from contactverify import _library; _library.load(); print('loaded')"
# No hint where the library is.
NOWHERE: dict[str, str | None] = {"CONTACTVERIFY_LIBRARY": None, "LD_LIBRARY_PATH": None}


class Finding(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def test_a_file_that_is_not_there(self) -> None:
        with mock.patch.dict(os.environ, CONTACTVERIFY_LIBRARY="missing.so"):
            with self.assertRaises(LibraryNotFoundError) as caught:
                _library.load.__wrapped__()
        message = str(caught.exception)
        # The named file is meant, so no other place was tried.
        self.assertIn(f"Tried: {Path('missing.so').absolute()} (", message)
        self.assertNotIn(_library._SONAME, message)
        self.assertIn("`make`", message)
        self.assertIsInstance(caught.exception, ImportError)

    def test_another_library(self) -> None:
        other = ctypes.util.find_library("c")
        assert other is not None
        with self.assertRaisesRegex(LibraryNotFoundError, "is not contactverify's library"):
            _library._declare(other, ctypes.CDLL(other))

    def test_another_version(self) -> None:
        for minor, fits in (("1", True), ("2", False)):
            with mock.patch.object(_library, "_MINOR", minor):
                if fits:
                    _library.load.__wrapped__()
                else:
                    with self.assertRaisesRegex(
                        LibraryNotFoundError, r"has version 0\.1\.0, but this package needs 0\.2"
                    ):
                        _library.load.__wrapped__()

    def copied_package(self) -> str:
        source = Path(contactverify.__file__).parent
        # An installed one has a library beside it.
        without = shutil.ignore_patterns("*.so")
        shutil.copytree(source, self.directory / "contactverify", ignore=without)
        return str(self.directory)

    def test_beside_the_package(self) -> None:
        environment = {**NOWHERE, "PYTHONPATH": self.copied_package()}
        missing = run("-c", LOAD, environment=environment)
        self.assertNotEqual(missing.returncode, 0)
        self.assertIn("LibraryNotFoundError", missing.stderr)
        self.assertIn(_library._SONAME, missing.stderr)

        beside = self.directory / "contactverify" / "libcontactverify.so"
        beside.symlink_to(library_file())
        self.assertEqual(run("-c", LOAD, environment=environment).stdout, "loaded\n")

        beside.unlink()
        beside.write_text("no library")
        broken = run("-c", LOAD, environment=environment)
        self.assertIn("LibraryNotFoundError", broken.stderr)
        self.assertNotIn(_library._SONAME, broken.stderr)

    def test_where_the_system_keeps_its_libraries(self) -> None:
        self.assertEqual(_library._SONAME, "libcontactverify.so.0.1")
        (self.directory / _library._SONAME).symlink_to(library_file())
        environment = {**NOWHERE, "LD_LIBRARY_PATH": str(self.directory)}
        done = run("-c", LOAD, environment=environment)
        self.assertEqual((done.stdout, done.stderr), ("loaded\n", ""))


if __name__ == "__main__":
    unittest.main()

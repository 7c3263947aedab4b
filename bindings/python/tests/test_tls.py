"""https with an authority of one's own."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from contactverify import Client, TlsFailedError
from service import CODE, CONTACT, TOKEN, Service, client_for, run, verify


@unittest.skipIf(shutil.which("openssl") is None, "openssl, which makes certificates, is missing")
class Tls(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.authority = self.make("authority", "-addext", "keyUsage=keyCertSign")
        server = self.make(
            "server",
            *("-CA", str(self.authority), "-CAkey", str(self.authority.with_suffix(".key"))),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(server, server.with_suffix(".key"))

    def make(self, name: str, *options: str) -> Path:
        """A certificate with its key beside it."""
        file = self.directory / f"{name}.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}"),
                *("-keyout", str(file.with_suffix(".key")), "-out", str(file), *options),
            ],
            check=True,
            capture_output=True,
        )
        return file

    def test_only_the_given_authority_is_trusted(self) -> None:
        with Service(tls=self.context) as service:
            for own in (str(self.authority), self.authority):
                with client_for(service, ca_file=own) as client:
                    self.assertTrue(verify(client))
            other = self.make("other")
            foreign: tuple[Path | None, ...] = (other, None)
            for ca_file in foreign:
                with client_for(service, ca_file=ca_file) as client:
                    with self.assertRaises(TlsFailedError):
                        verify(client)
        self.assertEqual(len(service.requests), 2)

    def test_the_command(self) -> None:
        with Service(tls=self.context) as service:
            done = run(
                *("-m", "contactverify", "verify", "--endpoint", service.endpoint),
                *("--contact", CONTACT, "--way", "email", "--code", CODE),
                *("--ca-file", str(self.authority)),
                environment={"CONTACTVERIFY_TOKEN": TOKEN},
            )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "OK\n", ""))

    def test_a_file_that_the_library_cannot_name(self) -> None:
        # Paths are UTF-8 for the library; another one is refused, not mangled.
        with self.assertRaisesRegex(ValueError, "^ca_file is not valid Unicode"):
            Client("https://127.0.0.1", ca_file=os.fsdecode(b"/\xff.pem"))


if __name__ == "__main__":
    unittest.main()

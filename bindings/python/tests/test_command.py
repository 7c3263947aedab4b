"""``python -m contactverify``: what it prints and how it exits."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from subprocess import CompletedProcess

from contactverify import __version__
from service import (
    CODE,
    CONTACT,
    REJECTED,
    TOKEN,
    Service,
    closed_endpoint,
    reply,
    run,
)


def verify(
    endpoint: str,
    *options: str,
    code: str = CODE,
    token: str | None = TOKEN,
    given: str = "",
    **environment: str | None,
) -> CompletedProcess[str]:
    return run(
        *("-m", "contactverify", "verify", "--endpoint", endpoint, "--contact", CONTACT),
        *("--way", "email", "--code", code, *options),
        given=given,
        environment={"CONTACTVERIFY_TOKEN": token, **environment},
    )


class CommandTest(unittest.TestCase):
    def assert_says(
        self, done: CompletedProcess[str], status: int, verdict: str, sentence: str
    ) -> None:
        """The exit status, the one line of the verdict, and one sentence for a person."""
        self.assertEqual(done.stdout, verdict)
        self.assertRegex(done.stderr, sentence)
        self.assertLessEqual(done.stderr.count("\n"), 1)
        self.assertEqual(done.returncode, status)
        for secret in (TOKEN, CODE, CONTACT):
            self.assertNotIn(secret, done.stdout + done.stderr)

    def test_verified(self) -> None:
        with Service() as service:
            done = verify(service.endpoint, "--area-code", "86", "--timeout", "30")
        self.assert_says(done, 0, "OK\n", r"\A\Z")
        (request,) = service.requests
        self.assertEqual(request.headers["x-auth-token"], TOKEN)
        self.assertEqual(
            request.body,
            {
                "verify_code": CODE,
                "contact_value": CONTACT,
                "contact_way": 1,
                "area_code": "86",
            },
        )

    def test_way(self) -> None:
        with Service() as service:
            verify(service.endpoint, "--way", "sms")
        self.assertEqual(service.requests[0].body["contact_way"], 0)

    def test_rejected(self) -> None:
        with Service(REJECTED) as service:
            done = verify(service.endpoint)
        self.assert_says(done, 1, "REJECTED OSM.01010010\n", "^Not verified: the code is wrong")

    def test_an_error_code_that_the_terminal_does_not_know(self) -> None:
        with Service(reply(body={"error_code": "é\n1"})) as service:
            done = verify(service.endpoint, PYTHONIOENCODING="ascii")
        self.assert_says(done, 1, "REJECTED \\xe9\\ufffd1\n", "^Not verified")

    def test_no_verdict(self) -> None:
        with Service(reply(401)) as service:
            done = verify(service.endpoint)
        self.assert_says(done, 3, "UNAUTHORIZED\n", "token is wrong, expired")
        self.assert_says(verify(closed_endpoint()), 3, "CONNECT_FAILED\n", "^No connection")

    def test_mistakes(self) -> None:
        endpoint = closed_endpoint()
        for done, sentence in (
            (verify(endpoint, token=None), "^There is no token: set CONTACTVERIFY_TOKEN"),
            (verify(endpoint, token=""), "^There is no token: set CONTACTVERIFY_TOKEN"),
            (verify(endpoint, token=TOKEN + "é"), "^auth_token"),
            (verify(endpoint, code="12345"), "^verify_code must have exactly 6"),
            (verify(endpoint, "--timeout", "nan"), "^timeout_ms is out of range"),
            (verify(endpoint, "--ca-file", "/nowhere/ca.pem"), "^ca_file"),
            (verify("example.com"), "^endpoint"),
        ):
            self.assert_says(done, 2, "INVALID_ARGUMENT\n", sentence)

    def test_usage(self) -> None:
        for arguments in ((), ("verify",), ("send",), ("verify", "--way", "pigeon")):
            done = run("-m", "contactverify", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("usage: ", done.stderr)
        self.assertEqual(run("-m", "contactverify", "--version").stdout, f"{__version__}\n")

    def test_a_token_on_the_command_line_is_refused_and_not_repeated(self) -> None:
        for options in (("--token", TOKEN), (f"--token={TOKEN}",), ("--token",)):
            done = verify(closed_endpoint(), *options)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("CONTACTVERIFY_TOKEN", done.stderr)
            self.assertNotIn(TOKEN, done.stderr)

    def test_token_file(self) -> None:
        with Service() as service, tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "token")
            file.write_text("from-file\n")
            self.assertEqual(verify(service.endpoint, "--token-file", str(file)).returncode, 0)
            done = verify(service.endpoint, "--token-file", "-", given="from-input\n", token=None)
            self.assertEqual(done.returncode, 0)
            tokens = [request.headers["x-auth-token"] for request in service.requests]
            self.assertEqual(tokens, ["from-file", "from-input"])

            for content in (b"", b" \n", b"\xff\xfe"):
                file.write_bytes(content)
                done = verify(service.endpoint, "--token-file", str(file))
                self.assert_says(done, 2, "INVALID_ARGUMENT\n", "^There is no token in .*token")
            missing = os.path.join(directory, "missing")
            done = verify(service.endpoint, "--token-file", missing)
            sentence = "^The token cannot be read from .*missing: No such file"
            self.assert_says(done, 2, "INVALID_ARGUMENT\n", sentence)
            self.assertEqual(len(service.requests), 2)

    def test_no_library(self) -> None:
        done = verify(closed_endpoint(), CONTACTVERIFY_LIBRARY="/nowhere/lib.so")
        self.assert_says(done, 3, "", "^contactverify's library was not found.*`make`")


if __name__ == "__main__":
    unittest.main()

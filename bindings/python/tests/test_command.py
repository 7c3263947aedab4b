"""``python -m contactverify``: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import tempfile
import unittest
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, ClassVar

from contactverify import __version__
from service import (
    CODE,
    CONTACT,
    LISTED,
    NEEDED,
    NO_CREDENTIALS,
    REJECTED,
    TOKEN,
    VERIFIED,
    Request,
    Service,
    answer_all,
    closed_endpoint,
    reply,
    run,
)

WITH_TOKEN = {"CONTACTVERIFY_TOKEN": TOKEN}


def command(
    *arguments: str, given: str | int = "", **environment: str | None
) -> CompletedProcess[str]:
    return run(
        *("-m", "contactverify", *arguments),
        given=given,
        environment={**NO_CREDENTIALS, **(environment or WITH_TOKEN)},
    )


def verify(endpoint: str, *options: str, code: str = CODE, **given: Any) -> CompletedProcess[str]:
    contact = ("--contact", CONTACT, "--way", "email", "--code", code)
    return command("verify", "--endpoint", endpoint, *contact, *options, **given)


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
            done = verify(service.endpoint, **WITH_TOKEN, PYTHONIOENCODING="ascii")
        self.assert_says(done, 1, "REJECTED \\xe9\\ufffd1\n", "^Not verified")

    def test_no_verdict(self) -> None:
        with Service(reply(401, {"error_code": "APIGW.0301"})) as service:
            done = verify(service.endpoint)
        self.assert_says(done, 3, "UNAUTHORIZED APIGW.0301\n", "token is wrong, expired")
        self.assert_says(verify(closed_endpoint()), 3, "CONNECT_FAILED\n", "^No connection")

    def test_mistakes(self) -> None:
        endpoint = closed_endpoint()
        for done, sentence in (
            (verify(endpoint, CONTACTVERIFY_TOKEN=TOKEN + "é"), "^auth_token"),
            (verify(endpoint, code="12345"), "^verify_code must have exactly 6"),
            (verify(endpoint, "--timeout", "nan"), "^timeout_ms is out of range"),
            (verify(endpoint, "--ca-file", "/nowhere/ca.pem"), "^ca_file"),
            (verify("example.com"), "^endpoint"),
            (verify(endpoint, "--iam-endpoint", "example.com"), "^iam_endpoint"),
            (verify(endpoint, "--domain-id", "é"), "^domain_id"),
            (command("list"), "^endpoint is not set: give the service's address, or a region"),
            (command("list", "--region", "nowhere-1"), "^region nowhere-1 is not known"),
        ):
            self.assert_says(done, 2, "INVALID_ARGUMENT\n", sentence)

    def test_usage(self) -> None:
        for arguments in (
            (),
            ("verify",),
            ("send", "--way", "sms"),
            ("need-verify", "--contact", CONTACT),
            ("list", "--way", "pigeon"),
            ("list", "--code", "123456"),
        ):
            done = command(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("usage: ", done.stderr)
        self.assertEqual(command("--version").stdout, f"{__version__}\n")

    def test_its_name_as_a_program(self) -> None:
        script = """
import sys
from contactverify.__main__ import command
sys.argv = ["/usr/bin/contactverify", "--help"]
command()
"""
        self.assertRegex(run("-c", script).stdout, r"\Ausage: contactverify \[")

    def test_a_secret_on_the_command_line_is_refused_and_not_repeated(self) -> None:
        for option, place in (
            ("--token", "CONTACTVERIFY_TOKEN"),
            ("--password", "CONTACTVERIFY_PASSWORD"),
            ("--secret-key", "HUAWEICLOUD_SDK_SK"),
        ):
            for options in ((option, TOKEN), (f"{option}={TOKEN}",), (option,)):
                done = verify(closed_endpoint(), *options)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(place, done.stderr)
                self.assertNotIn(TOKEN, done.stderr)

    def test_token_file(self) -> None:
        with Service() as service, tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "token")
            file.write_text("from-file\n")
            self.assertEqual(verify(service.endpoint, "--token-file", str(file)).returncode, 0)
            done = verify(service.endpoint, "--token-file", "-", given="from-input\n")
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

    def test_send(self) -> None:
        phone = ("--contact", "13800000000", "--way", "sms", "--area-code", "86")
        email = ("--contact", CONTACT, "--way", "email")
        with Service() as service:
            for contact in (phone, email):
                done = command("send", "--endpoint", service.endpoint, *contact)
                self.assert_says(done, 0, "OK\n", r"\A\Z")
        bodies = [request.body for request in service.requests]
        expected = {"contact_value": "13800000000", "contact_way": 0, "area_code": "86"}
        self.assertEqual(bodies[0], expected)
        self.assertEqual(bodies[1], {"contact_value": CONTACT, "contact_way": 1, "area_code": ""})
        with Service(reply(body={"error_code": "OSM.01010024"})) as service:
            done = command("send", "--endpoint", service.endpoint, *email)
        self.assert_says(done, 1, "REJECTED OSM.01010024\n", "^No code was sent: codes were asked")

    def test_need_verify(self) -> None:
        contact = ("--contact", CONTACT, "--way", "email", "--area-code", "86")
        for body, said in (
            ({"need_verify_code": 1}, "OK need_verify_code=1 (needed)\n"),
            (
                {"need_verify_code": 0, "expire_time": "2026-11-25T00:00:00Z"},
                "OK need_verify_code=0 (not needed) expire_time=2026-11-25T00:00:00Z\n",
            ),
        ):
            with Service(reply(body=body)) as service:
                done = command("need-verify", "--endpoint", service.endpoint, *contact)
            self.assert_says(done, 0, said, r"\A\Z")
        (request,) = service.requests
        expected = {"contact_value": CONTACT, "contact_way": "1", "area_code": "86"}
        self.assertEqual(request.query, expected)

    def test_list(self) -> None:
        # In two portions, with all that a service may leave out or write otherwise.
        contacts: list[dict[str, Any]] = [
            {"contact_way": 1, "contact_value": "a@b", "area_code": "", "verified_id": "v-1"},
            {"contact_way": 0, "contact_value": "138", "area_code": "86", "verified_id": "v-2"},
            {"contact_way": 7, "contact_value": "é\n"},
            {"contact_value": "c@d"},
        ]

        def portion(request: Request) -> bytes:
            offset = int(request.query["offset"])
            return reply(body={"count": 4, "contact_list": contacts[offset : offset + 2]})

        said = (
            "OK total=4\nemail a@b verified_id=v-1\nsms 138 area_code=86 verified_id=v-2\n"
            "7 \\xe9\\ufffd\nunknown c@d\n"
        )
        with Service(portion) as service:
            ascii_only = {**WITH_TOKEN, "PYTHONIOENCODING": "ascii"}
            done = command("list", "--endpoint", service.endpoint, **ascii_only)
            self.assert_says(done, 0, said, r"\A\Z")
            self.assertEqual(
                [each.query for each in service.requests], [{"offset": "0"}, {"offset": "2"}]
            )
            command(
                *("list", "--endpoint", service.endpoint, "--contact", CONTACT),
                *("--way", "sms", "--area-code", "86"),
            )
        expected = {"contact_value": CONTACT, "contact_way": "0", "area_code": "86", "offset": "0"}
        self.assertEqual(service.requests[2].query, expected)

        # A list that breaks off is none.
        def broken(request: Request) -> bytes:
            return portion(request) if request.query["offset"] == "0" else reply(503)

        with Service(broken) as service:
            done = command("list", "--endpoint", service.endpoint)
        self.assert_says(done, 3, "SERVICE_ERROR\n", "^HTTP status 503")

    def test_json(self) -> None:
        email = ("--contact", CONTACT, "--way", "email")
        refused = {"status": "REJECTED", "error_code": "OSM.01010010", "sent": "ANSWERED"}
        contact = {"contact_way": "email", "contact_value": CONTACT, "area_code": ""}
        for answer, arguments, status, expected in (
            (VERIFIED, ("verify", *email, "--code", CODE), 0, {"status": "OK", "attempts": 1}),
            (REJECTED, ("verify", *email, "--code", CODE), 1, refused),
            (VERIFIED, ("send", *email), 0, {"status": "OK", "attempts": 1}),
            (REJECTED, ("send", *email), 1, {**refused, "request_id": "request-7"}),
            (NEEDED, ("need-verify", *email), 0, {"needed": True, "need_verify_code": 1}),
            (LISTED, ("list",), 0, {"contacts": [{**contact, "verified_id": "v-1"}], "total": 1}),
            (reply(429, {}, Retry_After="7"), ("list",), 3, {"retry_after": 7.0}),
            (VERIFIED, ("verify", *email, "--code", "1"), 2, {"field": "verify_code"}),
        ):
            with self.subTest(arguments):
                with Service(answer) as service:
                    done = command(*arguments, "--endpoint", service.endpoint, "--json")
                self.assertEqual((done.returncode, done.stderr), (status, ""))
                told = json.loads(done.stdout)
                self.assertIn("status", told)
                self.assertEqual({name: told[name] for name in expected}, expected)

    def test_a_terminal_is_asked_for_the_code(self) -> None:
        arguments = ("verify", "--contact", CONTACT, "--way", "email", "--endpoint")
        with Service() as service:
            done = command(*arguments, service.endpoint)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("--code is missing, and standard input is no terminal", done.stderr)
            self.assertEqual(service.requests, [])

            ours, theirs = os.openpty()
            with os.fdopen(ours, "wb") as terminal:
                terminal.write(f"{CODE}\n".encode())
                terminal.flush()
                done = command(*arguments, service.endpoint, given=theirs)
                os.close(theirs)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "OK\n", "code: "))
        self.assertEqual(service.requests[0].body["verify_code"], CODE)

    def test_no_library(self) -> None:
        done = verify(closed_endpoint(), **WITH_TOKEN, CONTACTVERIFY_LIBRARY="/nowhere/lib.so")
        self.assert_says(done, 3, "", "^contactverify's library was not found.*`make`")


class Credentials(unittest.TestCase):
    """Where the command finds them, and in which order."""

    TOKEN = WITH_TOKEN
    LOGIN: ClassVar = {
        "CONTACTVERIFY_DOMAIN": "account",
        "CONTACTVERIFY_USER": "user",
        "CONTACTVERIFY_PASSWORD": "secret-password",
    }
    KEY: ClassVar = {"HUAWEICLOUD_SDK_AK": "access-key", "HUAWEICLOUD_SDK_SK": "secret-key"}

    def request(self, *options: str, **environment: str) -> Request:
        """What a call brings."""

        def answer(request: Request) -> bytes:
            if request.path != "/v3/auth/tokens":
                return answer_all(request)
            return reply(201, {"token": {}}, X_Subject_Token="fetched")

        with Service(answer) as service:
            endpoints = ("--endpoint", service.endpoint, "--iam-endpoint", service.endpoint)
            done = command("list", *endpoints, *options, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return service.requests[-1]

    def test_the_first_that_there_are(self) -> None:
        for environment, token in (
            (self.TOKEN, TOKEN),
            ({**self.TOKEN, **self.LOGIN, **self.KEY}, TOKEN),
            ({**self.TOKEN, "CONTACTVERIFY_TOKEN": "", **self.LOGIN, **self.KEY}, "fetched"),
            (self.LOGIN, "fetched"),
        ):
            headers = self.request(**environment).headers
            self.assertEqual(headers["x-auth-token"], token)
        request = self.request("--domain-id", "d", "--project-id", "p", **self.KEY)
        self.assertIn("Access=access-key,", request.headers["authorization"])
        self.assertEqual(request.headers["x-domain-id"], "d")
        self.assertEqual(request.headers["x-project-id"], "p")

    def test_the_vendors_file(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            Path(home, ".huaweicloud").mkdir()
            text = "[global]\nak = of-file\nsk = secret-key\n"
            Path(home, ".huaweicloud", "credentials").write_text(text)
            only_home = {"HOME": home, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": ""}
            request = self.request(**only_home)
        self.assertIn("Access=of-file,", request.headers["authorization"])

    def test_none_or_half(self) -> None:
        for environment, sentence in (
            ({"HOME": "/nowhere"}, "^credentials_from_environment: /nowhere/credentials cannot"),
            ({"HUAWEICLOUD_SDK_AK": "a"}, "^credentials_from_environment: only one of HUAWEI"),
            (
                {**self.LOGIN, "CONTACTVERIFY_USER": ""},
                "^Half a login is set: CONTACTVERIFY_USER is missing.\n$",
            ),
            (
                {"CONTACTVERIFY_PASSWORD": "secret-password"},
                "^Half a login is set: CONTACTVERIFY_DOMAIN and CONTACTVERIFY_USER is missing",
            ),
        ):
            done = command("list", "--endpoint", closed_endpoint(), **environment)
            self.assertEqual((done.returncode, done.stdout), (2, "INVALID_ARGUMENT\n"))
            self.assertRegex(done.stderr, sentence)
            self.assertNotIn("secret-password", done.stderr)
            # Who has none is told where they are looked for.
            searched = sentence.startswith("^credentials")
            self.assertEqual("CONTACTVERIFY_TOKEN" in done.stderr, searched)


if __name__ == "__main__":
    unittest.main()

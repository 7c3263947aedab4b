"""The whole way, with the stand-in of the service that CONTACTVERIFY_SANDBOX names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from contactverify import (
    AccessKey,
    Client,
    ConnectFailedError,
    Contact,
    ContactWay,
    IamPassword,
    RejectedError,
    ServiceError,
    UnauthorizedError,
)
from service import NO_CREDENTIALS, closed_endpoint, run

PROGRAM = os.environ.get("CONTACTVERIFY_SANDBOX")
if not PROGRAM:
    print("test_sandbox: skipped: CONTACTVERIFY_SANDBOX is not set", file=sys.stderr)

TOKEN = "sandbox-token"
LOGIN = IamPassword("sandbox-account", "sandbox-user", "sandbox-password")
KEY = AccessKey("sandbox-access-key", "sandbox-secret-key")


class Sandbox:
    """A running sandbox."""

    def __init__(self, *options: str) -> None:
        assert PROGRAM is not None
        # It ends when its standard input does, so it cannot outlive this program.
        self.process = subprocess.Popen(
            [PROGRAM, "--until-stdin-closes", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.endpoint = self._line()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def code(self, contact: str) -> str:
        """The code that was sent last, where a person would read a message."""
        line = self._line()
        found = re.fullmatch(r"code (\d{6}) for (.*) \((sms|email)\b.*\)", line)
        assert found is not None, line
        assert found[2] == contact, line
        return found[1]

    def counters(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.endpoint}/sandbox/counters") as answer:
            counted: dict[str, int] = json.load(answer)
        return counted

    def control(self, path: str) -> None:
        urllib.request.urlopen(f"{self.endpoint}/sandbox/{path}", data=b"").close()


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@unittest.skipUnless(PROGRAM, "CONTACTVERIFY_SANDBOX is not set")
class SandboxTest(unittest.TestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, *options: str) -> None:
        """From now on, another sandbox."""
        self.sandbox: Sandbox = self.enter(Sandbox(*options))

    def enter(self, manager: Any) -> Any:
        """Python 3.11 has enterContext."""
        entered = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return entered

    def client(self, **settings: Any) -> Client:
        settings.setdefault("iam_endpoint", self.sandbox.endpoint)
        client: Client = self.enter(Client(self.sandbox.endpoint, **settings))
        return client

    def add(self, client: Client, contact: str, way: ContactWay, area_code: str = "") -> None:
        """Has a contact verified."""
        client.send_code(contact, way, area_code)
        code = self.sandbox.code(contact)
        self.assertTrue(client.verify_codes(code, contact, way, area_code=area_code))


class Walks(SandboxTest):
    def walk(self, client: Client, contact: str, way: ContactWay, area_code: str) -> None:
        self.assertTrue(client.need_verify(contact, way, area_code=area_code))
        client.send_code(contact, way, area_code)
        code = self.sandbox.code(contact)
        with self.assertRaises(RejectedError) as caught:
            client.send_code(contact, way, area_code)
        self.assertEqual(caught.exception.error_code, "OSM.01010024")
        wrong = client.verify_codes(another(code), contact, way, area_code=area_code)
        self.assertFalse(wrong)
        self.assertEqual(wrong.error_code, "OSM.01010010")
        self.assertTrue(client.verify_codes(code, contact, way, area_code=area_code))
        self.assertFalse(client.verify_codes(code, contact, way, area_code=area_code))

        answer = client.need_verify(contact, way, area_code=area_code)
        self.assertFalse(answer.needed)
        self.assertRegex(answer.expire_time, r"^20\d\d-.*Z$")
        for page in (
            client.list_verified(contact_value=contact),
            client.list_verified(contact_value=contact, contact_way=way, area_code=area_code),
            client.list_verified(expired_time=answer.expire_time, offset=0, limit=100),
        ):
            (found,) = page
            self.assertEqual(page.total, 1)
            self.assertEqual(found, Contact(way, contact, area_code, found.verified_id))
            self.assertNotEqual(found.verified_id, "")
            (same,) = client.list_verified(verified_id=found.verified_id)
            self.assertEqual(same, found)
        self.assertFalse(client.list_verified(contact_value="nobody@example.com"))

    def test_the_whole_way_with_each_kind_of_credentials(self) -> None:
        kinds: tuple[dict[str, Any], ...] = (
            {"auth_token": TOKEN},
            {"iam_password": LOGIN},
            {"iam_password": LOGIN, "iam_project": "cn-south-1"},
            {"iam_password": LOGIN, "project_id": "b0" * 16},
            {"access_key": KEY},
            {"access_key": KEY, "domain_id": "ac" * 16, "project_id": "b0" * 16},
        )
        # All that a query and a signature may stumble over.
        strange = "用户 a+b/c?d&e=f%~*'@例.com"
        for settings in kinds:
            for contact in (
                (strange, ContactWay.EMAIL, ""),
                ("13800000000", ContactWay.SMS, "86"),
            ):
                with self.subTest(sorted(settings), contact=contact):
                    self.start()
                    self.walk(self.client(**settings), *contact)

    def test_pages(self) -> None:
        client = self.client(access_key=KEY)
        contacts = [f"{number}@example.com" for number in range(12)]
        for contact in contacts:
            self.add(client, contact, ContactWay.EMAIL)
        self.add(client, "13800000000", ContactWay.SMS, "86")
        for size in (None, 1, 5, 6, 12, 13, 100):
            found = client.iter_verified(page_size=size, contact_way=ContactWay.EMAIL)
            self.assertEqual([each.contact_value for each in found], contacts)
        self.assertEqual(len(list(client.iter_verified())), 13)
        page = client.list_verified(offset=10, limit=2)
        self.assertEqual([each.contact_value for each in page], contacts[10:])
        self.assertEqual(page.total, 13)


class Tokens(SandboxTest):
    def test_many_threads_fetch_one(self) -> None:
        client, begin = self.client(iam_password=LOGIN), threading.Barrier(16)

        def work(_: int) -> int:
            begin.wait()
            return client.list_verified(timeout=60).total

        with ThreadPoolExecutor(16) as pool:
            self.assertEqual(list(pool.map(work, range(16))), [0] * 16)
        self.assertEqual(self.sandbox.counters()["iam_tokens"], 1)

    def test_one_that_ended_is_renewed(self) -> None:
        client = self.client(iam_password=LOGIN)
        self.assertEqual(client.list_verified().attempts, 1)
        self.sandbox.control("expire-tokens")
        self.assertEqual(client.list_verified().attempts, 2)
        self.assertEqual(client.list_verified().attempts, 1)
        counters = self.sandbox.counters()
        self.assertEqual((counters["iam_tokens"], counters["unauthorized"]), (2, 1))

    def test_iam_out_of_reach(self) -> None:
        client = self.client(iam_password=LOGIN)
        self.sandbox.control("iam?available=false")
        with self.assertRaises(ServiceError):
            client.list_verified()
        self.sandbox.control("iam?available=true")
        self.assertEqual(client.list_verified().total, 0)
        # A token that is still good is used on.
        self.sandbox.control("iam?available=false")
        self.assertEqual(client.list_verified().total, 0)
        client = self.client(iam_password=LOGIN, iam_endpoint=closed_endpoint())
        with self.assertRaises(ConnectFailedError):
            client.list_verified()


class Refusals(SandboxTest):
    def test_a_wrong_password_is_tried_once(self) -> None:
        wrong = IamPassword("sandbox-account", "sandbox-user", "wrong-password")
        client = self.client(iam_password=wrong)
        for _ in range(3):
            with self.assertRaisesRegex(UnauthorizedError, "password is wrong") as caught:
                client.list_verified()
            self.assertNotIn("wrong-password", repr(caught.exception.result))
        counters = self.sandbox.counters()
        self.assertEqual((counters["iam_tokens"], counters["has_verified"]), (1, 0))

    def test_a_wrong_secret_key_is_tried_once(self) -> None:
        client = self.client(access_key=AccessKey(KEY.access_key, "wrong-secret-key"))
        with self.assertRaisesRegex(UnauthorizedError, "signature is refused") as caught:
            client.need_verify("alice@example.com", ContactWay.EMAIL)
        # The gateway repeats what was signed, with the contact in it.
        for secret in (KEY.access_key, "wrong-secret-key", "alice"):
            self.assertNotIn(secret, repr(caught.exception.result))
        self.assertEqual(self.sandbox.counters()["need_verify"], 1)

    def test_a_wrong_clock_is_named(self) -> None:
        self.start("--clock-skew-seconds", "3600")
        client = self.client(access_key=KEY)
        with self.assertRaisesRegex(UnauthorizedError, r"clock is 3[56]\d\d s behind"):
            client.list_verified()
        # For a token, only its lifetime counts.
        client = self.client(iam_password=LOGIN)
        self.assertEqual(client.list_verified().total, 0)
        self.assertEqual(client.list_verified().total, 0)
        self.assertEqual(self.sandbox.counters()["iam_tokens"], 1)

    def test_a_temporary_key_needs_its_security_token(self) -> None:
        self.start("--security-token", "sandbox-security-token")
        temporary = AccessKey(KEY.access_key, KEY.secret_key, "sandbox-security-token")
        self.assertEqual(self.client(access_key=temporary).list_verified().total, 0)
        with self.assertRaises(UnauthorizedError):
            self.client(access_key=KEY).list_verified()


class Command(SandboxTest):
    def command(self, name: str, *options: str, **environment: str) -> CompletedProcess[str]:
        return run(
            *("-m", "contactverify", name, "--endpoint", self.sandbox.endpoint, *options),
            environment={**NO_CREDENTIALS, **environment},
        )

    def ways(self, home: str) -> tuple[dict[str, str], ...]:
        """Each way to give credentials."""
        Path(home, ".huaweicloud").mkdir()
        Path(home, ".huaweicloud", "credentials").write_text(
            f"[global]\nak = {KEY.access_key}\nsk = {KEY.secret_key}\n"
        )
        return (
            {"CONTACTVERIFY_TOKEN": TOKEN},
            {
                "CONTACTVERIFY_DOMAIN": LOGIN.domain,
                "CONTACTVERIFY_USER": LOGIN.user,
                "CONTACTVERIFY_PASSWORD": LOGIN.password,
            },
            {"HUAWEICLOUD_SDK_AK": KEY.access_key, "HUAWEICLOUD_SDK_SK": KEY.secret_key},
            {"HOME": home, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": ""},
        )

    def walk(self, environment: dict[str, str], number: str) -> None:
        def step(name: str, *options: str, status: int = 0, said: str = "OK\n") -> None:
            iam = ("--iam-endpoint", self.sandbox.endpoint)
            contact = ("--contact", number, "--way", "sms", "--area-code", "86")
            done = self.command(name, *iam, *contact, *options, **environment)
            self.assertRegex(done.stdout, rf"\A{said}\Z")
            self.assertEqual(done.returncode, status, done.stderr)

        step("need-verify", said=r"OK need_verify_code=1 \(needed\)\n")
        step("send")
        code = self.sandbox.code(number)
        step("send", status=1, said=r"REJECTED OSM\.01010024\n")
        step("verify", "--code", another(code), status=1, said=r"REJECTED OSM\.01010010\n")
        step("verify", "--code", code)
        step(
            "need-verify",
            said=r"OK need_verify_code=0 \(not needed\) expire_time=\S+Z\n",
        )
        step("list", said=rf"OK total=1\nsms {number} area_code=86 verified_id=\S+\n")

    def test_the_whole_way_with_each_kind_of_credentials(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            for position, environment in enumerate(self.ways(home)):
                with self.subTest(sorted(environment)):
                    self.walk(environment, f"1380000000{position}")

    def test_json(self) -> None:
        done = self.command("list", "--json", CONTACTVERIFY_TOKEN=TOKEN)
        self.assertEqual(json.loads(done.stdout), {"status": "OK", "total": 0, "contacts": []})


if __name__ == "__main__":
    unittest.main()

"""Who is asking: tokens, passwords, access keys, and what the environment holds."""

from __future__ import annotations

import copy
import hashlib
import hmac
import itertools
import os
import pickle
import re
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest import mock

from contactverify import (
    AccessKey,
    Client,
    ConnectFailedError,
    CredentialSource,
    IamPassword,
    InvalidArgumentError,
    LogLevel,
    Sent,
    ServiceError,
    UnauthorizedError,
)
from service import (
    MANDATORY,
    TOKEN,
    Request,
    Service,
    answer_all,
    call,
    closed_endpoint,
    reply,
    verify,
)

LOGIN = IamPassword("secret-account", "secret-user", "secret-password")
KEY = AccessKey("SECRET-ACCESS-KEY", "secret-key", "secret-security-token")
SECRETS = (
    *("secret-account", "secret-user", "secret-password"),
    *("SECRET-ACCESS-KEY", "secret-key", "secret-security-token"),
    TOKEN,
)
IAM_PATH = "/v3/auth/tokens"


class Iam:
    """Gives out tokens with numbers, and answers calls that bring one of those in force."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.status = 201
        self.in_force: set[str] = set()
        self._numbers = itertools.count(1)

    def __call__(self, request: Request) -> bytes:
        if request.path != IAM_PATH:
            accepted = request.headers["x-auth-token"] in self.in_force
            return answer_all(request) if accepted else reply(401)
        self.requests.append(request)
        # A careless IAM that repeats what it refuses.
        told = {"error": {"message": f"no: {', '.join(SECRETS)}"}}
        if self.status != 201:
            return reply(self.status, told)
        token = f"fetched-{next(self._numbers)}"
        self.in_force.add(token)
        ends = datetime.now(timezone.utc) + timedelta(hours=24)
        body = {"token": {"expires_at": ends.strftime("%Y-%m-%dT%H:%M:%S.000000Z")}}
        return reply(201, body, X_Subject_Token=token)


class Passwords(unittest.TestCase):
    def setUp(self) -> None:
        self.iam = Iam()
        self.service = Service(self.iam)
        self.addCleanup(self.service.stop)
        self.lines: list[str] = []

    def client(self, **settings: Any) -> Client:
        values = {
            "iam_password": LOGIN,
            "iam_endpoint": self.service.endpoint,
            "log": lambda _level, line: self.lines.append(line),
            "log_level": LogLevel.DEBUG,
            **settings,
        }
        client = Client(self.service.endpoint, **values)
        self.addCleanup(client.close)
        return client

    def tearDown(self) -> None:
        for secret in (*SECRETS, "fetched-"):
            self.assertNotIn(secret, "\n".join(self.lines))

    def tokens(self) -> list[str]:
        """What the calls brought."""
        requests = [each for each in self.service.requests if each.path != IAM_PATH]
        return [each.headers["x-auth-token"] for each in requests]

    def test_a_token_is_fetched_once_for_all_calls(self) -> None:
        client = self.client()
        self.assertEqual(self.iam.requests, [])
        for name in MANDATORY:
            self.assertTrue(call(client, name))
        (request,) = self.iam.requests
        self.assertEqual((request.method, request.target), ("POST", IAM_PATH + "?nocatalog=true"))
        user = {
            "domain": {"name": LOGIN.domain},
            "name": LOGIN.user,
            "password": LOGIN.password,
        }
        self.assertEqual(
            request.body,
            {
                "auth": {
                    "identity": {"methods": ["password"], "password": {"user": user}},
                    "scope": {"domain": {"name": LOGIN.domain}},
                }
            },
        )
        self.assertEqual(self.tokens(), ["fetched-1"] * 4)

    def test_the_scope(self) -> None:
        for settings, scope in (
            ({"iam_project": "cn-south-1"}, {"name": "cn-south-1"}),
            ({"project_id": "p-1"}, {"id": "p-1"}),
            ({"iam_project": "cn-south-1", "project_id": "p-1"}, {"name": "cn-south-1"}),
        ):
            self.assertTrue(verify(self.client(**settings)))
            body = self.iam.requests[-1].body
            self.assertEqual(body["auth"]["scope"], {"project": scope})

    def test_many_threads_fetch_one_token(self) -> None:
        client, begin = self.client(), threading.Barrier(16)

        def work(_: int) -> bool:
            begin.wait()
            return bool(verify(client, timeout=60))

        with ThreadPoolExecutor(16) as pool:
            self.assertEqual(list(pool.map(work, range(16))), [True] * 16)
        self.assertEqual(len(self.iam.requests), 1)

    def test_a_token_that_ended_is_renewed_and_the_call_repeated(self) -> None:
        client = self.client()
        self.assertEqual(verify(client).attempts, 1)
        self.iam.in_force.clear()
        result = verify(client)
        self.assertTrue(result)
        self.assertEqual(result.attempts, 2)
        self.assertEqual(self.tokens(), ["fetched-1", "fetched-1", "fetched-2"])

    def test_without_retries_it_is_not_repeated(self) -> None:
        client = self.client(retries=0)
        self.assertTrue(verify(client))
        self.iam.in_force.clear()
        with self.assertRaises(UnauthorizedError) as caught:
            verify(client)
        self.assertEqual(caught.exception.attempts, 1)
        self.assertIs(caught.exception.sent, Sent.ANSWERED)

    def test_a_refused_login_is_not_repeated(self) -> None:
        self.iam.status = 401
        client = self.client()
        for name in MANDATORY:
            with self.assertRaisesRegex(UnauthorizedError, "^No token from IAM") as caught:
                call(client, name)
            error = caught.exception
            self.assertIs(error.sent, Sent.NO)
            self.assertEqual(error.attempts, 0)
            for secret in SECRETS:
                self.assertNotIn(secret, repr(error) + repr(error.result))
        self.assertEqual(len(self.iam.requests), 1)
        self.assertEqual(self.tokens(), [])

    def test_an_iam_that_fails_or_is_not_there(self) -> None:
        self.iam.status = 503
        with self.assertRaisesRegex(ServiceError, "^No token from IAM"):
            verify(self.client())
        with self.assertRaisesRegex(ConnectFailedError, "^No token from IAM") as caught:
            verify(self.client(iam_endpoint=closed_endpoint()))
        self.assertIs(caught.exception.sent, Sent.NO)
        self.assertEqual(self.tokens(), [])

    def test_a_calls_own_token_needs_no_other(self) -> None:
        self.iam.in_force.add("own")
        self.assertTrue(verify(self.client(), auth_token="own"))
        self.assertEqual(self.iam.requests, [])


def signature(request: Request, key: AccessKey, signed: list[str]) -> str:
    """The vendor's SDK-HMAC-SHA256, written down a second time."""
    path, _, query = request.target.partition("?")
    headers = "".join(f"{name}:{request.headers[name]}\n" for name in signed)
    body = hashlib.sha256(request.raw_body).hexdigest()
    canonical = "\n".join(
        [request.method, path + "/", query, headers, ";".join(signed), body]
    ).encode()
    date = request.headers["x-sdk-date"]
    to_sign = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical).hexdigest()}"
    return hmac.new(key.secret_key.encode(), to_sign.encode(), "sha256").hexdigest()


class AccessKeys(unittest.TestCase):
    def test_every_call_is_signed(self) -> None:
        for key in (KEY, AccessKey(KEY.access_key, KEY.secret_key)):
            with Service(answer_all) as service:
                with Client(service.endpoint, access_key=key, domain_id="d", project_id="p") as c:
                    for name in MANDATORY:
                        self.assertTrue(call(c, name))
            for request in service.requests:
                self.assertNotIn("x-auth-token", request.headers)
                self.assertEqual(request.headers.get("x-security-token"), key.security_token)
                self.assertEqual(request.headers["x-domain-id"], "d")
                self.assertEqual(request.headers["x-project-id"], "p")
                found = re.fullmatch(
                    rf"SDK-HMAC-SHA256 Access={key.access_key}, SignedHeaders=(\S+), "
                    r"Signature=([0-9a-f]{64})",
                    request.headers["authorization"],
                )
                assert found is not None
                signed = found[1].split(";")
                self.assertLessEqual({"host", "x-sdk-date"}, set(signed))
                self.assertEqual(found[2], signature(request, key, signed))

    def test_a_refused_signature_is_not_repeated_and_the_clock_is_named(self) -> None:
        past = format_datetime(datetime.now(timezone.utc) - timedelta(hours=2), usegmt=True)
        answer = reply(401, {"error_msg": f"no: {', '.join(SECRETS[3:5])}"}, Date=past)
        with Service(answer) as service, Client(service.endpoint, access_key=KEY) as client:
            for name in MANDATORY:
                with self.assertRaisesRegex(
                    UnauthorizedError, "clock is 7[12].. s ahead"
                ) as caught:
                    call(client, name)
                self.assertEqual(caught.exception.attempts, 1)
                self.assertNotIn(KEY.access_key, repr(caught.exception.result))
        self.assertEqual(len(service.requests), 4)

    def test_a_calls_own_token_replaces_the_signature(self) -> None:
        with Service() as service, Client(service.endpoint, access_key=KEY) as client:
            verify(client, auth_token="own")
        self.assertEqual(service.requests[0].headers["x-auth-token"], "own")
        self.assertNotIn("authorization", service.requests[0].headers)


class Environment(unittest.TestCase):
    """What the vendor's SDKs find. The metadata server is never asked here."""

    OWN = CredentialSource.ENVIRONMENT | CredentialSource.FILE

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)
        kept = {n: v for n, v in os.environ.items() if not n.startswith("HUAWEICLOUD_SDK_")}
        cleaned = mock.patch.dict(os.environ, {**kept, "HOME": directory.name}, clear=True)
        cleaned.start()
        self.addCleanup(cleaned.stop)
        self.lines: list[str] = []

    def variables(self, **values: str) -> None:
        os.environ.update({f"HUAWEICLOUD_SDK_{name}": value for name, value in values.items()})

    def file(self, text: str) -> Path:
        path = self.home / ".huaweicloud" / "credentials"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def headers(self, wanted: bool | CredentialSource = True) -> dict[str, str]:
        """What a call brings."""
        self.lines.clear()
        with Service() as service:
            with Client(
                service.endpoint,
                credentials_from_environment=wanted,
                log=lambda _level, line: self.lines.append(line),
            ) as client:
                self.assertTrue(verify(client))
        for secret in SECRETS:
            self.assertNotIn(secret, "\n".join(self.lines))
        return service.requests[0].headers

    def assert_refused(self, wanted: bool | CredentialSource, sentence: str) -> None:
        with self.assertRaisesRegex(InvalidArgumentError, sentence) as caught:
            Client("https://127.0.0.1", credentials_from_environment=wanted)
        self.assertEqual(caught.exception.field, "credentials_from_environment")
        for secret in SECRETS:
            self.assertNotIn(secret, str(caught.exception))

    def test_variables(self) -> None:
        self.variables(AK=KEY.access_key, SK=KEY.secret_key)
        headers = self.headers()
        self.assertIn(f"Access={KEY.access_key},", headers["authorization"])
        self.assertNotIn("x-security-token", headers)
        self.assertEqual(len(self.lines), 2, self.lines)
        self.assertEqual(self.lines[0], "credentials: an access key from the environment")

        self.variables(SECURITY_TOKEN="secret-security-token", DOMAIN_ID="d", PROJECT_ID="p")
        headers = self.headers(CredentialSource.ENVIRONMENT)
        self.assertEqual(headers["x-security-token"], KEY.security_token)
        self.assertEqual((headers["x-domain-id"], headers["x-project-id"]), ("d", "p"))

    def test_the_file(self) -> None:
        path = self.file("[basic]\nak = other\nsk = other\n[global]\nak = of-file\nsk = secret-key")
        for wanted in (True, self.OWN, CredentialSource.FILE):
            self.assertIn("Access=of-file,", self.headers(wanted)["authorization"])
            self.assertIn(f"an access key from {path} [global]", self.lines[0])
        named = self.home / "named"
        named.write_text("[basic]\nak = of-named\nsk = secret-key")
        self.variables(CREDENTIALS_FILE=str(named))
        self.assertIn("Access=of-named,", self.headers()["authorization"])
        # The environment comes first, where it is looked into.
        self.variables(AK="of-environment", SK="secret-key")
        self.assertIn("Access=of-environment,", self.headers()["authorization"])
        headers = self.headers(CredentialSource.FILE | CredentialSource.SERVER)
        self.assertIn("Access=of-named,", headers["authorization"])

    def test_it_is_read_once(self) -> None:
        self.variables(AK="first", SK="secret-key")
        with Service() as service:
            with Client(service.endpoint, credentials_from_environment=True) as client:
                self.variables(AK="second")
                verify(client)
        self.assertIn("Access=first,", service.requests[0].headers["authorization"])

    def test_nothing_or_half_a_key(self) -> None:
        self.assert_refused(self.OWN, "no credentials were found: environment .*; file ")
        self.assert_refused(CredentialSource.FILE, "no credentials were found: file ")
        self.variables(AK=KEY.access_key)
        self.assert_refused(True, "only one of HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK is set")
        self.variables(CREDENTIALS_FILE=str(self.home / "missing"))
        self.assert_refused(CredentialSource.FILE, "missing cannot be read: No such file")

    def test_no_source(self) -> None:
        with self.assertRaises(InvalidArgumentError) as caught:
            Client("https://127.0.0.1", credentials_from_environment=CredentialSource(0))
        self.assertEqual(caught.exception.field, "credential_sources")

    def test_the_settings_come_before_what_is_found(self) -> None:
        self.variables(AK="a", SK="secret-key", DOMAIN_ID="found", PROJECT_ID="found")
        with Service() as service:
            with Client(
                service.endpoint, credentials_from_environment=True, project_id="given"
            ) as client:
                verify(client)
        headers = service.requests[0].headers
        self.assertEqual((headers["x-domain-id"], headers["x-project-id"]), ("found", "given"))

    def test_a_regions_endpoint(self) -> None:
        with Service() as service:
            self.variables(REGION_OSM_MY_REGION_1=service.endpoint)
            with Client(region="my-region-1", auth_token=TOKEN) as client:
                self.assertTrue(verify(client))
                self.assertEqual(repr(client), "<contactverify.Client my-region-1>")
            # An endpoint wins.
            with Client(service.endpoint, region="cn-south-1", auth_token=TOKEN) as client:
                self.assertTrue(verify(client))
        for region in ("my-region-2", "Cn-South-1", "", "é"):
            with self.assertRaises(InvalidArgumentError) as caught:
                Client(region=region)
            self.assertEqual(caught.exception.field, "region")
        for region in ("cn-south-1", "ap-southeast-3", "eu-west-101"):
            Client(region=region).close()


class Mistakes(unittest.TestCase):
    KINDS: tuple[tuple[str, Any], ...] = (
        ("auth_token", TOKEN),
        ("iam_password", LOGIN),
        ("access_key", KEY),
        ("credentials_from_environment", True),
    )

    def test_two_kinds(self) -> None:
        for (first, one), (second, another) in itertools.combinations(self.KINDS, 2):
            for settings in ({first: one, second: another}, {second: another, first: one}):
                with self.assertRaises(InvalidArgumentError) as caught:
                    Client("https://127.0.0.1", **settings)
                error = caught.exception
                self.assertEqual(error.field, second)
                self.assertIn(f"{second} is given beside {first}", str(error))
        # No kind is not a second one.
        Client("https://127.0.0.1", access_key=KEY, credentials_from_environment=False).close()

    def test_none(self) -> None:
        with Client(closed_endpoint()) as client:
            for name in MANDATORY:
                with self.assertRaises(InvalidArgumentError) as caught:
                    call(client, name)
                self.assertEqual(caught.exception.field, "auth_token")

    def test_values_that_the_library_refuses(self) -> None:
        for name, value in (
            ("iam_password", IamPassword("", "u", "p")),
            ("iam_password", IamPassword("d", "u" * 1025, "p")),
            ("iam_password", IamPassword("d", "u", "p\0")),
            ("iam_password", IamPassword("d", "u", "p\ud800")),
            ("access_key", AccessKey("a" * 257, "s")),
            ("access_key", AccessKey("a\n", "s")),
            ("access_key", AccessKey("a", "")),
            ("access_key", AccessKey("a", "s\0")),
            ("access_key", AccessKey("a", "s", "t" * 7901)),
            ("access_key", AccessKey("a", "s", "")),
            ("access_key", AccessKey("a", "s", "\udcff")),
        ):
            with self.subTest(name):
                with self.assertRaises(InvalidArgumentError) as caught:
                    Client("https://127.0.0.1", **{name: value})
                self.assertEqual(caught.exception.field, name)
                self.assertIsNone(caught.exception.__context__)

    def test_types(self) -> None:
        wrong: list[tuple[str, Any]] = [
            ("iam_password", ("d", "u", "p")),
            ("iam_password", KEY),
            ("access_key", "secret-key"),
            ("access_key", LOGIN),
            ("credentials_from_environment", 1),
            ("credentials_from_environment", "file"),
            ("credentials_from_environment", {CredentialSource.FILE}),
        ]
        for name, value in wrong:
            with self.subTest(name):
                with self.assertRaisesRegex(TypeError, f"^{name} must be an? ") as caught:
                    Client("https://127.0.0.1", **{name: value})
                self.assertNotIn("secret", str(caught.exception))
        for kind, position, name in (
            (IamPassword, 0, "domain"),
            (IamPassword, 1, "user"),
            (IamPassword, 2, "password"),
            (AccessKey, 0, "access_key"),
            (AccessKey, 1, "secret_key"),
            (AccessKey, 2, "security_token"),
        ):
            for value in (b"secret-key", 5, *([None] if name != "security_token" else [])):
                texts: list[Any] = ["a", "b", "c"]
                texts[position] = value
                with self.assertRaisesRegex(TypeError, f"^{name} must be a str") as caught:
                    kind(*texts)
                self.assertNotIn("secret-key", str(caught.exception))

    def test_nothing_shows_a_secret(self) -> None:
        for login in (LOGIN, KEY):
            name = "iam_password" if login is LOGIN else "access_key"
            with Client("https://127.0.0.1", **{name: login}) as client:
                shown = [repr(login), str(login), f"{login}", repr(client), str(vars(client))]
            for text, secret in itertools.product(shown, SECRETS):
                self.assertNotIn(secret, text)
            self.assertEqual(pickle.loads(pickle.dumps(login)), login)
            self.assertEqual(copy.copy(login), login)
            with self.assertRaises(AttributeError):
                login.user = login.access_key = "another"  # type: ignore[union-attr, misc]


if __name__ == "__main__":
    unittest.main()

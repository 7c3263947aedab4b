"""Who is asking: tokens, passwords, access keys, and what the environment holds."""

from __future__ import annotations

import copy
import hashlib
import hmac
import itertools
import pickle
import re
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

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
    CONTACT,
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
        told = {"error": {"message": f"no: {', '.join(SECRETS[:3])}"}}
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

        def refuse(request: Request) -> bytes:
            # Like the real gateway, it repeats what was signed.
            signed = f"{request.target} {request.headers}"
            return reply(401, {"error_msg": f"no: {signed}"}, Date=past)

        with Service(refuse) as service, Client(service.endpoint, access_key=KEY) as client:
            for name in MANDATORY:
                with self.assertRaisesRegex(
                    UnauthorizedError, "clock is 7[12].. s ahead"
                ) as caught:
                    call(client, name)
                self.assertEqual(caught.exception.attempts, 1)
                for secret in (*SECRETS, CONTACT, "alice"):
                    self.assertNotIn(secret, repr(caught.exception.result))
        self.assertEqual(len(service.requests), 4)

    def test_a_calls_own_token_replaces_the_signature(self) -> None:
        with Service() as service, Client(service.endpoint, access_key=KEY) as client:
            verify(client, auth_token="own")
        self.assertEqual(service.requests[0].headers["x-auth-token"], "own")
        self.assertNotIn("authorization", service.requests[0].headers)


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
        refused: list[tuple[str, Any]] = [
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
        ]
        for name, value in refused:
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
        logins: tuple[Any, ...] = (LOGIN, KEY)
        for login in logins:
            name = "iam_password" if login is LOGIN else "access_key"
            with Client("https://osm.cn-south-1.myhuaweicloud.com", **{name: login}) as client:
                shown = [repr(login), str(login), f"{login}", repr(client), str(vars(client))]
            for text, secret in itertools.product(shown, SECRETS):
                self.assertNotIn(secret, text)
            self.assertEqual(pickle.loads(pickle.dumps(login)), login)
            self.assertEqual(copy.copy(login), login)
            with self.assertRaises(AttributeError):
                login.user = login.access_key = "another"


if __name__ == "__main__":
    unittest.main()

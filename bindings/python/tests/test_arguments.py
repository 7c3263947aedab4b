"""What is refused before anything is sent, and how it is told."""

from __future__ import annotations

import math
import tempfile
import traceback
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from contactverify import (
    AccessKey,
    Client,
    CredentialSource,
    IamPassword,
    InvalidArgumentError,
    Sent,
    Status,
    _library,
)
from service import (
    CODE,
    CONTACT,
    MANDATORY,
    TOKEN,
    Service,
    answer_all,
    call,
    client_for,
    verify,
    watched,
)

# Each text of a call: the fewest and the most characters, and whether it becomes a header.
HEADERS = {"auth_token": (1, 5000, True), "language": (1, 32, True), "time_zone": (1, 32, True)}
CONTACT_LIMITS = {"contact_value": (0, 64, False), "area_code": (0, 16, False)}
LIMITS = {
    "verify_codes": {
        "verify_code": (6, 6, False),
        **CONTACT_LIMITS,
        "x_customer_id": (0, 64, False),
        "customer_id": (0, 64, False),
        **HEADERS,
    },
    "send_code": {**CONTACT_LIMITS, **HEADERS},
    "need_verify": {**CONTACT_LIMITS, "contact_value": (1, 64, False), **HEADERS},
    "list_verified": {
        **CONTACT_LIMITS,
        "contact_value": (0, 256, False),
        "customer_id": (0, 64, False),
        "sub_customer_id": (0, 64, False),
        "verified_id": (0, 64, False),
        "expired_time": (0, 32, False),
        **HEADERS,
    },
}
TEXTS = [(call, name) for call, limits in LIMITS.items() for name in limits]
CLIENT_TEXTS = (
    "endpoint",
    "region",
    "auth_token",
    "iam_endpoint",
    "iam_project",
    "domain_id",
    "project_id",
    "language",
    "time_zone",
    "ca_file",
    "proxy",
    "success_code",
    "application_id",
)
# Each kind of credentials, and the setters with their values.
CREDENTIALS: list[tuple[str, Any, list[tuple[str, Any]]]] = [
    ("auth_token", TOKEN, [("auth_token", (TOKEN.encode(),))]),
    ("iam_password", IamPassword("é", "u", "p"), [("iam_password", ("é".encode(), b"u", b"p"))]),
    ("access_key", AccessKey("a", "s"), [("access_key", (b"a", b"s", None))]),
    ("access_key", AccessKey("a", "s", "t"), [("access_key", (b"a", b"s", b"t"))]),
    (
        "credentials_from_environment",
        True,
        [("credential_sources", (7,)), ("credentials_from_environment", ())],
    ),
    (
        "credentials_from_environment",
        CredentialSource.FILE | CredentialSource.SERVER,
        [("credential_sources", (6,)), ("credentials_from_environment", ())],
    ),
]
TIMES = ("timeout", "connect_timeout", "idle_timeout")
COUNTS = ("max_idle_connections", "retries", "site", "log_level")


class Calls(unittest.TestCase):
    def setUp(self) -> None:
        self.service = Service(answer_all)
        self.addCleanup(self.service.stop)
        self.client = client_for(self.service)
        self.addCleanup(self.client.close)

    def tearDown(self) -> None:
        # Connections are accepted in order, so this call's being the only one shows that
        # nothing that was refused before it came as far as connecting.
        accepted = len(self.service.requests)
        self.assertTrue(verify(self.client))
        self.assertEqual(self.service.connections, 1)
        self.assertEqual(len(self.service.requests), accepted + 1)

    def assert_refused(self, which: str, field: str, **parameters: Any) -> InvalidArgumentError:
        with self.assertRaises(InvalidArgumentError) as caught:
            call(self.client, which, **parameters)
        error = caught.exception
        self.assertEqual(error.field, field)
        self.assertIn(field, str(error))
        self.assertIs(error.status, Status.INVALID_ARGUMENT)
        self.assertIs(error.sent, Sent.NO)
        self.assertEqual(error.attempts, 0)
        return error

    def received(self, name: str) -> Any:
        return self.service.requests[-1].parameters[name]

    def test_lengths_count_characters(self) -> None:
        for which, name in TEXTS:
            least, most, header = LIMITS[which][name]
            for character in "x" if header else "xé漢😀&":
                with self.subTest(which, name=name, character=character):
                    for length in {least, most}:
                        call(self.client, which, **{name: character * length})
                        if not header:
                            self.assertEqual(self.received(name), character * length)
                    self.assert_refused(which, name, **{name: character * (most + 1)})
                    if least > 0:
                        self.assert_refused(which, name, **{name: character * (least - 1)})

    def test_headers_are_visible_ascii(self) -> None:
        for which in LIMITS:
            for name in HEADERS:
                for value in ("é", "a\r\nX-Evil: 1", "a\tb", " a", "a\x7f"):
                    with self.subTest(which, name=name, value=value):
                        self.assert_refused(which, name, **{name: value})

    def test_texts_that_c_cannot_take(self) -> None:
        for which, name in TEXTS:
            for value in ("12\x003456", "\0", "12345\ud800", "\udcff"):
                with self.subTest(which, name=name, value=value):
                    error = self.assert_refused(which, name, **{name: value})
                    # The error of the encoder carries the whole text.
                    self.assertIsNone(error.__context__)

    def test_contact_way(self) -> None:
        for which in LIMITS:
            for way in (0, 1):
                call(self.client, which, contact_way=way)
                self.assertEqual(int(self.received("contact_way")), way)
            # The lowest 32 bits of the last ones are 0 and 1, which C would take. To the list,
            # -1 would mean both ways.
            for way in (-1, 2, 2**31 - 1, -(2**31), 2**32, 2**32 + 1, -(2**64), 10**5000):
                with self.subTest(which):
                    self.assert_refused(which, "contact_way", contact_way=way)

    def test_portions(self) -> None:
        for name, most in (("offset", 65535), ("limit", 100)):
            for number in (0, 1, most):
                call(self.client, "list_verified", **{name: number})
                self.assertEqual(self.received(name), str(number))
            # To C, -1 would mean that it is not given.
            for number in (-1, -(2**31), most + 1, 2**31, 2**32, 10**5000):
                self.assert_refused("list_verified", name, **{name: number})
        for number in (-1, 0, 2**32):
            with self.assertRaises(InvalidArgumentError) as caught:
                self.client.iter_verified(page_size=number)
            self.assertEqual(caught.exception.field, "page_size")

    def test_timeout(self) -> None:
        for which in LIMITS:
            call(self.client, which, timeout=3600)
            # 0 would mean "the client's" to C.
            error = self.assert_refused(which, "timeout_ms", timeout=0)
            self.assertIn("give timeout in seconds", str(error))
            for timeout in (0.0, -0.0, -1, -1e-9, 3600.001, 1e308, 10**400, math.nan, math.inf):
                with self.subTest(which, timeout=timeout):
                    self.assert_refused(which, "timeout_ms", timeout=timeout)

    def test_types(self) -> None:
        wrong: list[tuple[str, str, Any]] = []
        for which, name in TEXTS:
            wrong += [(which, name, 123456), (which, name, b"123456")]
        for which, mandatory in MANDATORY.items():
            wrong += [(which, name, None) for name in mandatory]
            wrong += [(which, "contact_way", way) for way in (True, False, "1", 1.0)]
            wrong += [(which, "timeout", timeout) for timeout in ("1", True, 1j)]
        wrong.append(("send_code", "area_code", None))
        for name in ("offset", "limit"):
            wrong += [("list_verified", name, number) for number in (True, "123456", 1.0)]
        for which, name, value in wrong:
            with self.subTest(which, name=name, value=value):
                with self.assertRaisesRegex(TypeError, f"^{name} must be ") as caught:
                    call(self.client, which, **{name: value})
                self.assertNotIn("123456", str(caught.exception))
        for size in (True, "1"):
            with self.assertRaisesRegex(TypeError, "^page_size must be "):
                self.client.iter_verified(page_size=size)  # type: ignore[arg-type]


class Settings(unittest.TestCase):
    def assert_refused(self, field: str, **settings: Any) -> InvalidArgumentError:
        values = {"endpoint": "https://127.0.0.1", **settings}
        with self.assertRaises(InvalidArgumentError) as caught:
            Client(**values)
        self.assertEqual(caught.exception.field, field)
        return caught.exception

    def test_values_that_the_library_refuses(self) -> None:
        for endpoint in ("", "example.com", "http://example.com", "https://a@b", "https://a/?b"):
            with self.subTest(endpoint):
                self.assert_refused("endpoint", endpoint=endpoint)
        refused: list[tuple[str, Any]] = [
            ("region", ""),
            ("region", "nowhere-1"),
            ("auth_token", ""),
            ("auth_token", "x" * 5001),
            ("iam_endpoint", "http://example.com"),
            ("iam_project", "x" * 257),
            ("domain_id", "é"),
            ("project_id", "x" * 129),
            ("language", "x" * 33),
            ("time_zone", ""),
            ("ca_file", "/nowhere/ca.pem"),
            ("ca_file", Path("/nowhere/ca.pem")),
            ("proxy", "https://proxy"),
            ("success_code", ""),
            ("success_code", "x" * 33),
            ("application_id", "x" * 65),
            ("max_idle_connections", -1),
            ("max_idle_connections", 65536),
            ("retries", 2),
            ("site", 2),
        ]
        for name, value in refused:
            with self.subTest(name, value=value):
                self.assert_refused(name, **{name: value})
        self.assert_refused("log_callback", log=print, log_level=5)

    def test_values_that_c_cannot_take(self) -> None:
        for name in CLIENT_TEXTS:
            for value in ("a\0b", "\ud800"):
                with self.subTest(name, value=value):
                    self.assertIsNone(self.assert_refused(name, **{name: value}).__context__)
        for name in COUNTS:
            with self.subTest(name):
                self.assert_refused(name, **{name: 2**32})
        for name in TIMES:
            for seconds in (0, -1, -1e-9, 3601, 1e308, math.nan, math.inf, -math.inf):
                with self.subTest(name, seconds=seconds):
                    self.assert_refused(f"{name}_ms", **{name: seconds})

    def test_types(self) -> None:
        wrong: list[tuple[str, Any]] = [(name, 1) for name in CLIENT_TEXTS]
        wrong += [(name, b"a") for name in CLIENT_TEXTS]
        wrong += [(name, value) for name in TIMES for value in ("1", True)]
        wrong += [(name, value) for name in COUNTS for value in ("1", True, 1.0)]
        wrong += [("proxy_from_environment", 1), ("log", "stderr")]
        for name, value in wrong:
            with self.subTest(name, value=value):
                values = {"endpoint": "https://127.0.0.1", name: value}
                with self.assertRaisesRegex(TypeError, f"^{name} must be "):
                    Client(**values)

    def test_each_setting_reaches_the_library_and_none_is_its_default(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            texts: dict[str, Any] = {
                "region": "cn-south-1",
                "iam_endpoint": "https://iam.example.com",
                "iam_project": "cn-south-1",
                "domain_id": "domain",
                "project_id": "project",
                "language": "en-us",
                "time_zone": "GMT+8",
                "proxy": "http://127.0.0.1:9",
                "success_code": "0",
                "application_id": "shop",
            }
            numbers: dict[str, Any] = {"max_idle_connections": 0, "retries": 0, "site": 0}
            times: dict[str, Any] = {"timeout": 0.0001, "connect_timeout": 1.2346}
            times["idle_timeout"] = 3600
            values: dict[str, Any] = {name: value.encode() for name, value in texts.items()}
            values.update(numbers)
            values.update(timeout_ms=1, connect_timeout_ms=1235, idle_timeout_ms=3_600_000)
            values.update(proxy_from_environment=1, endpoint=b"https://127.0.0.1")
            values.update(ca_file=file.name.encode())
            expected = {name: (value,) for name, value in values.items()}
            setters = [name for name in vars(_library.load()) if "_config_set_" in name]
            given: dict[str, Any] = {}

            def recorder(name: str) -> Any:
                def record(_config: Any, *values: Any) -> int:
                    given[name[len("contactverify_config_set_") :]] = values
                    return 0

                return record

            # No setter sets anything here, so the library misses the endpoint.
            with mock.patch.multiple(_library.load(), **{n: recorder(n) for n in setters}):
                with self.assertRaisesRegex(InvalidArgumentError, "endpoint is not set"):
                    Client("https://127.0.0.1")
                self.assertEqual(given, {"endpoint": (b"https://127.0.0.1",)})
                with self.assertRaisesRegex(InvalidArgumentError, "endpoint is not set"):
                    Client(
                        "https://127.0.0.1",
                        ca_file=Path(file.name),
                        proxy_from_environment=True,
                        **texts,
                        **numbers,
                        **times,
                    )
                self.assertEqual(given, expected)

                # Of credentials, a client has one kind.
                reached = set(given)
                for name, wanted, values_in_c in CREDENTIALS:
                    given.clear()
                    with self.assertRaisesRegex(InvalidArgumentError, "endpoint is not set"):
                        Client("https://127.0.0.1", **{name: wanted})
                    del given["endpoint"]
                    # The sources come before the search.
                    self.assertEqual(list(given.items()), values_in_c)
                    reached |= set(given)
                given.clear()
                with self.assertRaisesRegex(InvalidArgumentError, "endpoint is not set"):
                    Client("https://127.0.0.1", credentials_from_environment=False)
                self.assertEqual(set(given), {"endpoint"})
                self.assertEqual(
                    {f"contactverify_config_set_{name}" for name in reached},
                    set(setters) - {"contactverify_config_set_log_callback"},
                )

    def test_a_refused_client_leaves_nothing_behind(self) -> None:
        with (
            watched("contactverify_config_new") as configs,
            watched("contactverify_config_free") as freed,
            watched("contactverify_result_free") as results,
        ):
            self.assert_refused("auth_token", auth_token="")
        self.assertEqual((len(configs), len(freed), len(results)), (1, 1, 1))
        self.assertTrue(results[0][0])


class Secrets(unittest.TestCase):
    def test_nothing_shows_a_secret(self) -> None:
        with Service() as service:
            client = client_for(service, proxy="http://user:proxy-password@127.0.0.1:9")
            shown = [repr(client), str(client), repr(verify(client)), str(vars(client))]
            errors: list[dict[str, Any]] = [
                {"verify_code": CODE + "\0"},
                {"contact_value": CONTACT * 9},
                {"auth_token": TOKEN + "\n"},
                {"auth_token": TOKEN + "\ud800"},
                {"contact_way": 7},
            ]
            for parameters in errors:
                with self.assertRaises(InvalidArgumentError) as caught:
                    verify(client, **parameters)
                error = caught.exception
                shown += [repr(error), str(error), repr(error.result), repr(vars(error))]
                shown += traceback.format_exception_only(type(error), error)
            client.close()
            shown.append(repr(client))
        with self.assertRaises(InvalidArgumentError) as caught:
            Client("https://127.0.0.1", proxy="ftp://user:proxy-password@127.0.0.1")
        shown += [repr(caught.exception), str(caught.exception)]
        for text in shown:
            for secret in (TOKEN, CODE, CONTACT, "proxy-password"):
                self.assertNotIn(secret, text)
        self.assertIn(service.endpoint, shown[0])


if __name__ == "__main__":
    unittest.main()

"""Credentials and endpoints that the environment holds, as the vendor's SDKs find them."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from contactverify import (
    AccessKey,
    Client,
    CredentialSource,
    InvalidArgumentError,
)
from service import TOKEN, Service, verify

KEY = AccessKey("SECRET-ACCESS-KEY", "secret-key", "secret-security-token")
SECRETS = (KEY.access_key, KEY.secret_key, "secret-security-token")


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


if __name__ == "__main__":
    unittest.main()

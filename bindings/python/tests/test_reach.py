"""Every function of include/contactverify.h is used by the package, not only declared."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import unittest
from typing import Any
from unittest import mock

from contactverify import (
    AccessKey,
    Client,
    ContactVerifyError,
    CredentialSource,
    IamPassword,
    _library,
    aio,
)
from service import CONTACT, HEADER, MANDATORY, TOKEN, Service, answer_all, call, library_file

CREDENTIALS: tuple[dict[str, Any], ...] = (
    {"auth_token": TOKEN},
    {"iam_password": IamPassword("domain", "user", "password")},
    {"access_key": AccessKey("key", "secret")},
    {"credentials_from_environment": CredentialSource.ENVIRONMENT},
)


class Recorded:
    """A function of the library that notes its calls."""

    function: Any
    called: set[str]

    def __init__(self, function: Any, called: set[str]) -> None:
        # ctypes reads what it returns and takes from the function itself.
        self.__dict__.update(function=function, called=called)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.function, name, value)

    def __call__(self, *arguments: Any) -> Any:
        self.called.add(self.function.__name__)
        return self.function(*arguments)


class Library:
    """The library, whose functions note their calls."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self._library = ctypes.CDLL(str(library_file()))

    def __getattr__(self, name: str) -> Recorded:
        return Recorded(getattr(self._library, name), self.called)


def functions() -> set[str]:
    """What the header declares, read without a compiler."""
    text = re.sub(r"/\*.*?\*/|^#.*?$", "", HEADER.read_text(), flags=re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^[a-z][\w \*]*?\b(\w+)\([^;{}]*\);", text, flags=re.MULTILINE))


class Reach(unittest.TestCase):
    def use_everything(self, endpoint: str) -> None:
        for credentials in CREDENTIALS:
            Client(
                endpoint,
                **credentials,
                region="cn-south-1",
                iam_endpoint=endpoint,
                iam_project="cn-south-1",
                domain_id="domain",
                project_id="project",
                language="en-us",
                time_zone="GMT+8",
                timeout=10,
                connect_timeout=3,
                max_idle_connections=4,
                idle_timeout=15,
                retries=0,
                proxy="http://127.0.0.1:1",
                proxy_from_environment=False,
                success_code="0",
                application_id="tests",
                site=1,
                log=lambda *_: None,
            ).close()

        with self.assertRaises(ContactVerifyError):
            Client(endpoint, ca_file=os.devnull)

        async def all_calls() -> None:
            async with aio.Client(endpoint, auth_token=TOKEN) as client:
                await asyncio.gather(*(call(client, name) for name in MANDATORY))
                with self.assertRaises(ContactVerifyError):
                    await client.verify_codes("1", CONTACT, 1)

        asyncio.run(all_calls())

    def test_every_function_is_used(self) -> None:
        declared = functions()
        self.assertGreater(len(declared), 50)
        self.assertEqual(set(_library.FUNCTIONS), declared)
        library: Any = Library()
        variables = {"HUAWEICLOUD_SDK_AK": "key", "HUAWEICLOUD_SDK_SK": "secret"}
        with Service(answer_all) as service, mock.patch.dict(os.environ, variables):
            loaded = _library._declare("the library", library)
            with mock.patch.object(_library, "load", lambda: loaded):
                self.use_everything(service.endpoint)
                with mock.patch.object(loaded, "verify_codes", lambda *_: 1234):
                    with self.assertRaisesRegex(ContactVerifyError, r"1234 \(UNKNOWN\)"):
                        Client(service.endpoint, auth_token=TOKEN).verify_codes("1", CONTACT, 1)
        self.assertEqual(declared - library.called, set())


if __name__ == "__main__":
    unittest.main()

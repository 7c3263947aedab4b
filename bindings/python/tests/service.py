"""A stand-in for the service on 127.0.0.1, and what the tests have in common."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from contactverify import Client, ContactWay, Result, _library, aio

HEADER = Path(__file__).resolve().parents[3] / "include" / "contactverify.h"

TOKEN = "token-that-nobody-may-see"
CODE = "135790"
CONTACT = "alice@example.com"


@dataclass(frozen=True)
class Request:
    """What the service received."""

    method: str
    target: str
    headers: dict[str, str]
    raw_body: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw_body)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        query = urlsplit(self.target).query
        # Strict, it takes no query at all for a broken one.
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the call was given, wherever it stands."""
        parameters: dict[str, Any] = self.body if self.method == "POST" else self.query
        return parameters


def reply(status: int = 200, body: object = None, **headers: str) -> bytes:
    """An HTTP answer; the body is written as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


VERIFIED = reply()
REJECTED = reply(
    body={"error_code": "OSM.01010010", "error_msg": "Verification failed."},
    X_Request_Id="request-7",
)

NEEDED = reply(body={"need_verify_code": 1})
LISTED = reply(
    body={
        "count": 1,
        "contact_list": [
            {"contact_way": 1, "contact_value": CONTACT, "area_code": "", "verified_id": "v-1"}
        ],
    }
)

# Every call: what is mandatory, where it goes, and an answer that ends it well.
MANDATORY: dict[str, dict[str, Any]] = {
    "verify_codes": {
        "verify_code": CODE,
        "contact_value": CONTACT,
        "contact_way": ContactWay.EMAIL,
    },
    "send_code": {"contact_value": CONTACT, "contact_way": ContactWay.EMAIL},
    "need_verify": {"contact_value": CONTACT, "contact_way": ContactWay.EMAIL},
    "list_verified": {},
}
PATHS = {
    "verify_codes": "/v2/servicerequest/verifycodes",
    "send_code": "/v2/servicerequest/verifycodes/send",
    "need_verify": "/v2/servicerequest/verifycodes/need-verify",
    "list_verified": "/v2/servicerequest/verifycodes/has-verified",
}
ANSWERS = {
    "verify_codes": VERIFIED,
    "send_code": VERIFIED,
    "need_verify": NEEDED,
    "list_verified": LISTED,
}


class Last(bytes):
    """An answer behind which the service closes the connection."""


# Pieces are sent one by one.
Answer = Callable[[Request], "bytes | Iterator[bytes] | None"]


def answer_all(request: Request) -> bytes:
    """Ends every call well."""
    (name,) = (name for name, path in PATHS.items() if path == request.path)
    return ANSWERS[name]


class Service:
    """Answers each request with what ``answer`` gives; None closes the connection."""

    def __init__(
        self, answer: bytes | Answer | None = VERIFIED, tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._answer: Answer = answer if callable(answer) else lambda _: answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        scheme = "http" if tls is None else "https"
        self.endpoint = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes every connection and waits for its threads."""
        with contextlib.suppress(OSError):
            # This, and not closing, wakes the thread that waits in accept.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls is None:
                self._converse(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    # It has taken the connection over.
                    self._open.append(secured)
                    self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as incoming:
            while True:
                words = incoming.readline().decode("latin-1").split(" ")
                if len(words) != 3:
                    return
                headers: dict[str, str] = {}
                for line in iter(lambda: incoming.readline().decode("latin-1").strip(), ""):
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                body = incoming.read(int(headers.get("content-length", "0")))
                request = Request(words[0], words[1], headers, body)
                self.requests.append(request)
                answer = self._answer(request)
                if answer is None:
                    return
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    connection.sendall(piece)
                if isinstance(answer, Last):
                    return


class Gate:
    """An answer that waits, for codes that begin with "wait"."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self._opened = threading.Event()

    def __call__(self, request: Request) -> bytes:
        if request.body["verify_code"].startswith("wait"):
            self.arrived.release()
            self._opened.wait()
        return VERIFIED

    def open(self) -> None:
        self._opened.set()

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            if not self.arrived.acquire(timeout=20):
                raise AssertionError("a call did not arrive")

    @contextlib.contextmanager
    def calls(self, client: Client, count: int) -> Iterator[list[Result]]:
        """Calls on threads of their own that are under way, and end with this block."""
        results: list[Result] = []
        threads = [
            threading.Thread(
                target=lambda: results.append(verify(client, verify_code="wait00", timeout=60))
            )
            for _ in range(count)
        ]
        try:
            for thread in threads:
                thread.start()
            self.wait_for(count)
            yield results
        finally:
            self.open()
            for thread in threads:
                thread.join()


def aio_client_for(service: Service, **settings: Any) -> aio.Client:
    """A client of the stand-in for asyncio."""
    return aio.Client(service.endpoint, **{"auth_token": TOKEN, **settings})


def client_for(service: Service, **settings: Any) -> Client:
    """A client of the stand-in, with a token."""
    return Client(service.endpoint, **{"auth_token": TOKEN, **settings})


def aio_threads() -> list[threading.Thread]:
    """The threads on which the calls of asyncio's clients are made."""
    return [each for each in threading.enumerate() if each.name.startswith("contactverify-")]


def join_aio_threads() -> None:
    """Waits until the calls of closed clients have ended."""
    for thread in aio_threads():
        thread.join(20)
        assert not thread.is_alive(), thread


def call(client: Any, name: str, **parameters: Any) -> Any:
    """A call with what is mandatory, and with the parameters that a test is about."""
    return getattr(client, name)(**{**MANDATORY[name], **parameters})


def verify(client: Client, **parameters: Any) -> Result:
    result = call(client, "verify_codes", **parameters)
    assert isinstance(result, Result)
    return result


def library_file() -> Path:
    """The library that these tests run with."""
    beside = Path(_library.__file__).with_name("libcontactverify.so")
    given = os.environ.get("CONTACTVERIFY_LIBRARY") or (beside if beside.exists() else None)
    if not given:
        raise unittest.SkipTest("CONTACTVERIFY_LIBRARY is not set")
    return Path(given).resolve()


def closed_endpoint() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def watched(name: str) -> Iterator[list[tuple[Any, ...]]]:
    """Collects the arguments with which a function of the library is called."""
    library: SimpleNamespace = _library.load()
    function = getattr(library, name)
    calls: list[tuple[Any, ...]] = []

    def watch(*arguments: Any) -> Any:
        calls.append(arguments)
        return function(*arguments)

    with mock.patch.object(library, name, watch):
        yield calls


# Nothing of the machine that runs this, and no way to ask a metadata server: a credentials file
# that is named must be there.
NO_CREDENTIALS: dict[str, str | None] = {
    **{name: None for name in os.environ if name.startswith("HUAWEICLOUD_SDK_")},
    **{f"CONTACTVERIFY_{name}": None for name in ("TOKEN", "DOMAIN", "USER", "PASSWORD")},
    "HUAWEICLOUD_SDK_CREDENTIALS_FILE": "/nowhere/credentials",
}


def run(
    *arguments: str, given: str | int = "", environment: dict[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs another interpreter with this package; None takes a variable away."""
    return execute(sys.executable, *arguments, given=given, environment=environment)


def execute(
    *command: str, given: str | int = "", environment: dict[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program in whose environment interpreters find this package.

    It is given a text, or a file to read from.
    """
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environment or {})}
    return subprocess.run(
        command,
        **({"input": given} if isinstance(given, str) else {"stdin": given}),
        capture_output=True,
        text=True,
        timeout=30,
        env={name: value for name, value in variables.items() if value is not None},
    )

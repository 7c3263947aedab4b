"""Peers that misbehave, through both clients: the table of ``tests/hostile`` in short.

For each: how the call ends, that it was sent once, that no secret is told, and that the next call
of the same client gets its own, honest answer.
"""

from __future__ import annotations

import asyncio
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from typing import Any, Union

from contactverify import ContactVerifyError, Sent, Status
from service import (
    CODE,
    CONTACT,
    TOKEN,
    VERIFIED,
    Last,
    Request,
    Service,
    aio_client_for,
    call,
    client_for,
    join_aio_threads,
    reply,
)

HOSTILE = "666666"
DEADLINE = 0.4
# Of a head that is none it does not matter whether it is called an answer.
Ending = tuple[Status, Union[Sent, None]]
Play = Union[bytes, Callable[[], Iterator[bytes]], None]

VERDICT = (Status.OK, Sent.ANSWERED)
REFUSED_CODE = (Status.REJECTED, Sent.ANSWERED)
BAD = (Status.BAD_RESPONSE, Sent.ANSWERED)
BAD_HEAD = (Status.BAD_RESPONSE, None)
LOST = (Status.CONNECTION_LOST, Sent.MAYBE)
LATE = (Status.TIMEOUT, Sent.MAYBE)
REDIRECTED = (Status.REQUEST_REFUSED, Sent.ANSWERED)


def head(*lines: str, body: bytes = b"{}") -> bytes:
    return Last("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body)


def drip() -> Iterator[bytes]:
    """An answer that would be whole in a minute."""
    never = threading.Event()
    for byte in reply(X_Filler="x" * 1000):
        yield bytes([byte])
        never.wait(0.05)


def flood() -> Iterator[bytes]:
    """A header that does not end."""
    yield b"HTTP/1.1 200 OK\r\nX: "
    for _ in range(10_000):
        yield b"x" * 1024


TABLE: dict[str, tuple[Play, Ending]] = {
    "an object": (reply(body=b"{}"), VERDICT),
    "an empty error_code": (reply(body={"error_code": ""}), VERDICT),
    "an error_code of null": (reply(body={"error_code": None}), VERDICT),
    # One that is whole keeps its connection; closing that would race with the next call.
    "whole chunks": (
        bytes(head("Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n")),
        VERDICT,
    ),
    "an error_code": (reply(body={"error_code": "X"}), REFUSED_CODE),
    "a blank as error_code": (reply(body={"error_code": " "}), REFUSED_CODE),
    "the secrets in a refusal": (
        reply(body={"error_code": CODE, "error_msg": f"{TOKEN} {CODE} {CONTACT}"}),
        REFUSED_CODE,
    ),
    "an array": (reply(body=b"[]"), BAD),
    "an array with the object": (reply(body=b"[{}]"), BAD),
    "a text": (reply(body=b'"OK"'), BAD),
    "an empty body": (reply(body=b""), BAD),
    "a page": (reply(body=b"<!doctype html><html>It works!</html>"), BAD),
    "an error_code of 0": (reply(body={"error_code": 0}), BAD),
    "error_code twice": (reply(body=b'{"error_code":"X","error_code":""}'), BAD),
    "invalid UTF-8": (reply(body=b'{"error_msg":"\xff"}'), BAD),
    "two objects": (reply(body=b"{}{}"), BAD),
    "100,000 levels": (reply(body=b"[" * 100_000), BAD),
    "a body over the limit": (reply(body=b"{}" + b" " * 300_000), BAD),
    "no content": (reply(204, b""), BAD),
    "no HTTP": (Last(b"SSH-2.0-server\r\n\r\n"), BAD_HEAD),
    "two lengths": (head("Content-Length: 2", "Content-Length: 3"), BAD_HEAD),
    "a length and chunks": (
        head("Content-Length: 2", "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
        BAD_HEAD,
    ),
    "a negative length": (head("Content-Length: -2"), BAD_HEAD),
    "gzip": (head("Content-Length: 2", "Content-Encoding: gzip"), BAD_HEAD),
    "a folded header": (head("A: b\r\n c", "Content-Length: 2"), BAD_HEAD),
    "a header without end": (flood, BAD_HEAD),
    "an answer without end": (head(), BAD_HEAD),
    "half a body": (head("Content-Length: 20"), LOST),
    "half a chunk": (head("Transfer-Encoding: chunked", body=b"9\r\n{}"), LOST),
    "half a head": (Last(b"HTTP/1.1 200 OK\r\nContent-"), LOST),
    "nothing": (None, LOST),
    "byte by byte": (drip, LATE),
}


class Hostile(unittest.TestCase):
    def play(self, service: Service, ending: Ending) -> None:
        """One call with each client."""
        lines: list[str] = []
        told: list[str] = []

        def note(_: Any, line: str) -> None:
            lines.append(line)

        def judge(outcome: Any) -> None:
            if isinstance(outcome, ContactVerifyError):
                told.append(str(outcome))
                outcome = outcome.result
            status, sent = ending
            self.assertEqual(outcome.status, status)
            self.assertIn(outcome.sent, (Sent.MAYBE, Sent.ANSWERED) if sent is None else (sent,))
            self.assertEqual(bool(outcome), ending is VERDICT)
            told.append(outcome.message)

        def asked() -> int:
            return sum(each.body["verify_code"] == HOSTILE for each in service.requests)

        parameters = {"verify_code": HOSTILE, "timeout": DEADLINE}
        begin = time.monotonic()
        with client_for(service, log=note) as client:
            try:
                judge(call(client, "verify_codes", **parameters))
            except ContactVerifyError as error:
                judge(error)
            self.assertLess(time.monotonic() - begin, DEADLINE + 0.5)
            self.assertEqual(asked(), 1)
            self.assertTrue(call(client, "verify_codes"))

        async def work() -> None:
            async with aio_client_for(service, log=note) as client:
                begin = time.monotonic()
                outcomes = await asyncio.gather(
                    call(client, "verify_codes", **parameters), return_exceptions=True
                )
                judge(outcomes[0])
                self.assertLess(time.monotonic() - begin, DEADLINE + 0.5)
                self.assertEqual(asked(), 2)
                self.assertTrue(await call(client, "verify_codes"))

        asyncio.run(work())
        join_aio_threads()
        for secret in (TOKEN, HOSTILE, CONTACT):
            self.assertNotIn(secret, "\n".join([*lines, *told]))
        self.assertTrue(lines)

    def test_the_table(self) -> None:
        for name, (play, ending) in TABLE.items():
            with self.subTest(name):

                def answer(request: Request, play: Play = play) -> Any:
                    if request.body["verify_code"] != HOSTILE:
                        return VERIFIED
                    return play() if callable(play) else play

                with Service(answer) as service:
                    self.play(service, ending)

    def test_redirects_lead_nowhere(self) -> None:
        with Service() as elsewhere:
            for status in (301, 302, 303, 307, 308):
                redirect = reply(status, b"{}", Location=f"{elsewhere.endpoint}/verified")

                def answer(request: Request, redirect: bytes = redirect) -> bytes:
                    return redirect if request.body["verify_code"] == HOSTILE else VERIFIED

                with self.subTest(status), Service(answer) as service:
                    self.play(service, REDIRECTED)
            self.assertEqual(elsewhere.connections, 0)

    def test_no_other_call_takes_a_verdict_for_an_answer(self) -> None:
        """What proves a code says nothing of the members that a question is about."""
        for body in (b"{}", b'{"error_code":""}', b'{"need_verify_code":"0","count":"1"}', b"[]"):
            with self.subTest(body), Service(reply(body=body)) as service:
                self.ask(service)

    def ask(self, service: Service) -> None:
        async def work() -> list[Any]:
            async with aio_client_for(service) as client:
                calls = (call(client, name) for name in ("need_verify", "list_verified"))
                return list(await asyncio.gather(*calls, return_exceptions=True))

        outcomes = asyncio.run(work())
        with client_for(service) as client:
            for name in ("need_verify", "list_verified"):
                with self.assertRaises(ContactVerifyError) as caught:
                    call(client, name)
                outcomes.append(caught.exception)
        statuses = [getattr(outcome, "status", None) for outcome in outcomes]
        self.assertEqual(statuses, [Status.BAD_RESPONSE] * 4)


if __name__ == "__main__":
    unittest.main()

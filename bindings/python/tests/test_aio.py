"""The client for asyncio: the calls of the other one, awaited, within their deadlines."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
import unittest
from collections.abc import AsyncIterator
from typing import Any
from unittest import mock

import contactverify
from contactverify import (
    ContactWay,
    DeadlineError,
    InvalidArgumentError,
    RejectedError,
    Sent,
    ServiceError,
    Status,
    _nonblocking,
)
from contactverify._handle import Handle
from contactverify.aio import Client
from service import (
    MANDATORY,
    REJECTED,
    TOKEN,
    Gate,
    Request,
    Service,
    aio_client_for,
    aio_threads,
    answer_all,
    call,
    client_for,
    closed_endpoint,
    join_aio_threads,
    reply,
    watched,
)

CALLS = [*MANDATORY, "iter_verified"]


@contextlib.asynccontextmanager
async def one_at_a_time(service: Service) -> AsyncIterator[Client]:
    """A client of which one call is under way at most."""
    with mock.patch.object(_nonblocking, "MAX_IN_FLIGHT", 1):
        async with aio_client_for(service) as client:
            yield client


class Likeness(unittest.TestCase):
    def test_arguments_are_those_of_the_other_client(self) -> None:
        for name in ("__init__", *CALLS, "close"):
            ours, theirs = (getattr(kind, name) for kind in (Client, contactverify.Client))
            signatures = inspect.signature(ours), inspect.signature(theirs)
            self.assertEqual(signatures[0].parameters, signatures[1].parameters, name)
            if name not in ("__init__", "iter_verified"):
                self.assertTrue(inspect.iscoroutinefunction(ours), name)
                returned = (each.return_annotation for each in signatures)
                self.assertEqual(next(returned), next(returned), name)
        public = {name for name in vars(contactverify.Client) if not name.startswith("_")}
        self.assertEqual(public, {*CALLS, "close"})
        self.assertEqual({n for n in vars(Client) if not n.startswith("_")}, public)

    def test_what_is_said_of_arguments_is_the_same(self) -> None:
        for name in CALLS:
            ours, theirs = (
                (inspect.getdoc(getattr(kind, name)) or "").partition("Args:")[2]
                for kind in (Client, contactverify.Client)
            )
            self.assertEqual(ours, theirs, name)
            self.assertTrue(ours, name)


class Calls(unittest.IsolatedAsyncioTestCase):
    async def test_every_call(self) -> None:
        with Service(answer_all) as service, client_for(service) as other:
            async with aio_client_for(service) as client:
                for name in MANDATORY:
                    ours, theirs = await call(client, name), call(other, name)
                    self.assertEqual(ours, theirs, name)
                    self.assertIs(type(ours), type(theirs))
        for first, second in zip(service.requests[::2], service.requests[1::2]):
            self.assertEqual((first.path, first.parameters), (second.path, second.parameters))

    async def test_a_refused_code_is_a_result(self) -> None:
        with Service(REJECTED) as service:
            async with aio_client_for(service) as client:
                result = await call(client, "verify_codes")
                self.assertEqual((bool(result), result.error_code), (False, "OSM.01010010"))
                with self.assertRaises(RejectedError):
                    await call(client, "send_code")

    async def test_what_went_wrong_is_raised(self) -> None:
        with Service(reply(503)) as service:
            async with aio_client_for(service) as client:
                with self.assertRaises(ServiceError) as caught:
                    await call(client, "verify_codes")
        self.assertEqual((caught.exception.http_status, caught.exception.attempts), (503, 1))

    async def test_arguments_are_refused_as_by_the_other_client(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"verify_code": "12345"},
            {"verify_code": "12\x00456"},
            {"verify_code": 123456},
            {"contact_way": 7},
            *({"timeout": timeout} for timeout in (0, -1, 3601, float("nan"), "1")),
        ]
        async with Client(closed_endpoint(), auth_token=TOKEN) as client:
            with contactverify.Client(closed_endpoint(), auth_token=TOKEN) as other:
                for parameters in wrong:
                    with self.assertRaises((InvalidArgumentError, TypeError)) as ours:
                        await call(client, "verify_codes", **parameters)
                    with self.assertRaises((InvalidArgumentError, TypeError)) as theirs:
                        call(other, "verify_codes", **parameters)
                    self.assertIs(type(ours.exception), type(theirs.exception))
                    self.assertEqual(str(ours.exception), str(theirs.exception))

    async def test_all_portions(self) -> None:
        contacts = [
            {"contact_way": 1, "contact_value": f"{n}@b", "area_code": ""} for n in range(5)
        ]

        def answer(request: Request) -> bytes:
            offset, limit = (int(request.query[name]) for name in ("offset", "limit"))
            return reply(body={"count": 5, "contact_list": contacts[offset : offset + limit]})

        with Service(answer) as service:
            async with aio_client_for(service) as client:
                listed = client.iter_verified(contact_way=ContactWay.EMAIL, page_size=2)
                self.assertEqual(service.requests, [])
                found = [contact.contact_value async for contact in listed]
                self.assertEqual(found, [f"{n}@b" for n in range(5)])
                self.assertEqual([each.query["offset"] for each in service.requests], list("024"))
                with self.assertRaises(InvalidArgumentError):
                    client.iter_verified(page_size=0)

    async def test_the_lines_of_a_call_are_logged(self) -> None:
        lines: list[str] = []
        with Service() as service:
            async with aio_client_for(service, log=lambda _, line: lines.append(line)) as client:
                await call(client, "verify_codes")
        self.assertRegex("\n".join(lines), r"POST /v2/servicerequest/verifycodes OK ")

    async def test_an_error_of_python_in_a_call_is_raised(self) -> None:
        with Service() as service:
            async with aio_client_for(service) as client:
                with mock.patch.object(Handle, "call", side_effect=MemoryError):
                    with self.assertRaises(MemoryError):
                        await call(client, "verify_codes")
                self.assertTrue(await call(client, "verify_codes"))


class Deadlines(unittest.IsolatedAsyncioTestCase):
    async def test_a_call_that_waits_ends_by_its_deadline(self) -> None:
        gate = Gate()
        with Service(gate) as service:
            async with one_at_a_time(service) as client:
                first = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                await asyncio.to_thread(gate.wait_for, 1)
                begin = time.monotonic()
                with self.assertRaisesRegex(DeadlineError, "before the call could begin") as caught:
                    await call(client, "verify_codes", timeout=0.2)
                waited = time.monotonic() - begin
                gate.open()
                self.assertTrue(await first)
                self.assertTrue(await call(client, "verify_codes"))
        self.assertEqual(
            (caught.exception.sent, caught.exception.attempts, caught.exception.status),
            (Sent.NO, 0, Status.TIMEOUT),
        )
        self.assertGreaterEqual(waited, 0.19)
        self.assertLess(waited, 2)
        # It was not made later either.
        self.assertEqual(len(service.requests), 2)

    async def test_the_time_of_waiting_is_taken_from_the_call(self) -> None:
        gate = Gate()
        with Service(gate) as service, watched("verify_codes") as calls:
            async with one_at_a_time(service) as client:
                first = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                await asyncio.to_thread(gate.wait_for, 1)
                begin = time.monotonic()
                second = asyncio.create_task(call(client, "verify_codes", timeout=30))
                third = asyncio.create_task(call(client, "verify_codes"))
                expired = call(client, "verify_codes", timeout=0.05)
                await asyncio.gather(expired, return_exceptions=True)
                gate.open()
                self.assertTrue(all(await asyncio.gather(first, second, third)))
                waited = (time.monotonic() - begin) * 1000
        given = [arguments[1]._obj.timeout_ms for arguments in calls]
        self.assertLessEqual(given[0], 10_000)
        for total, left in zip((30_000, 10_000), given[1:]):
            self.assertLessEqual(left, total - 50)
            self.assertGreaterEqual(left, total - waited - 1)

    async def test_one_that_is_late_at_its_begin_is_not_made(self) -> None:
        with Service() as service:
            async with aio_client_for(service) as client:
                with mock.patch.object(time, "monotonic", side_effect=[0.0, 10.0]):
                    deadline = _nonblocking._Deadline(9_999)
                    self.assertEqual(deadline.left(9_999), 0)
                with mock.patch.object(_nonblocking._Deadline, "left", return_value=0):
                    with self.assertRaises(DeadlineError):
                        await call(client, "verify_codes")
        self.assertEqual(service.requests, [])

    async def test_the_client_has_a_deadline(self) -> None:
        gate = Gate()
        with Service(gate) as service:
            async with aio_client_for(service, timeout=0.2) as client:
                with self.assertRaises(DeadlineError) as caught:
                    await call(client, "verify_codes", verify_code="wait00")
                gate.open()
        self.assertEqual(caught.exception.sent, Sent.MAYBE)


class Cancelling(unittest.IsolatedAsyncioTestCase):
    async def test_a_call_that_waits_is_never_made(self) -> None:
        gate = Gate()
        with Service(gate) as service:
            async with one_at_a_time(service) as client:
                first = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                await asyncio.to_thread(gate.wait_for, 1)
                waiting = [asyncio.create_task(call(client, "verify_codes")) for _ in range(9)]
                await asyncio.wait(waiting, timeout=0)
                for task in waiting:
                    task.cancel()
                await asyncio.wait(waiting)
                gate.open()
                self.assertTrue(await first)
                self.assertTrue(await call(client, "verify_codes", verify_code="999999"))
        self.assertTrue(all(task.cancelled() for task in waiting))
        codes = [request.body["verify_code"] for request in service.requests]
        self.assertEqual(codes, ["wait00", "999999"])

    async def test_one_that_is_under_way_is_left_at_once(self) -> None:
        gate = Gate()
        with Service(gate) as service, watched("contactverify_result_free") as freed:
            async with aio_client_for(service, timeout=60) as client:
                task = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                await asyncio.to_thread(gate.wait_for, 1)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(
                        call(client, "verify_codes", verify_code="wait00"), timeout=0.05
                    )
                # Both wait for the gate, so they were not waited for.
                self.assertEqual(len(aio_threads()), 2)
            # Nor does closing wait for them.
            self.assertEqual(len(aio_threads()), 2)
            gate.open()
            join_aio_threads()
            # One more is that of the client's making.
            self.assertEqual(len(freed), 3)

    async def test_an_answer_that_comes_with_the_cancellation(self) -> None:
        """Its loop says nothing of an outcome that nobody fetched."""
        said: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        with Service(reply(500)) as service:
            async with aio_client_for(service) as client:
                task = asyncio.create_task(call(client, "verify_codes"))
                real = _nonblocking._tell

                def tell(*arguments: Any) -> None:
                    real(*arguments)
                    task.cancel()

                with mock.patch.object(_nonblocking, "_tell", tell):
                    with self.assertRaises(asyncio.CancelledError):
                        await task
        self.assertEqual(said, [])

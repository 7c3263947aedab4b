"""The client for asyncio over its life: closing, threads, loops, forks, the program's end."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import signal
import threading
import unittest
import warnings
from typing import Any
from unittest import mock

from contactverify import InvalidArgumentError, _nonblocking, _threads
from contactverify.aio import Client
from service import (
    CODE,
    TOKEN,
    Gate,
    Service,
    aio_client_for,
    aio_threads,
    call,
    closed_endpoint,
    join_aio_threads,
    reply,
    run,
    watched,
)


class Closing(unittest.IsolatedAsyncioTestCase):
    async def test_a_closed_client_says_so(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            client = aio_client_for(service)
            self.assertTrue(await call(client, "verify_codes"))
            self.assertEqual(repr(client), f"<contactverify.aio.Client {service.endpoint}>")
            self.assertEqual(len(freed), 0)
            await client.close()
            await client.close()
            join_aio_threads()
            self.assertEqual(len(freed), 1)
            with self.assertRaisesRegex(InvalidArgumentError, "closed") as caught:
                await call(client, "verify_codes")
            self.assertEqual(caught.exception.field, "client")
            self.assertIn("closed", repr(client))

    async def test_async_with_closes(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            with self.assertRaises(KeyError):
                async with aio_client_for(service):
                    raise KeyError
            self.assertEqual(len(freed), 1)

    async def test_calls_that_were_made_before_end_well(self) -> None:
        gate = Gate()
        with Service(gate) as service, mock.patch.object(_nonblocking, "MAX_IN_FLIGHT", 2):
            client = aio_client_for(service)
            calls = [
                asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                for _ in range(5)
            ]
            await asyncio.to_thread(gate.wait_for, 2)
            await client.close()
            gate.open()
            self.assertTrue(all(await asyncio.gather(*calls)))
            join_aio_threads()

    async def test_a_forgotten_client_is_closed_and_told_of(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            client = aio_client_for(service)
            self.assertTrue(await call(client, "verify_codes"))
            with self.assertWarnsRegex(ResourceWarning, f"unclosed .*{service.endpoint}"):
                del client
                gc.collect()
            join_aio_threads()
            self.assertEqual(len(freed), 1)

    async def test_one_that_could_not_be_made_is_not_told_of(self) -> None:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with self.assertRaises(InvalidArgumentError):
                Client("no address")
            gc.collect()
        self.assertEqual(told, [])

    async def test_no_exception_keeps_the_client(self) -> None:
        gate = Gate()
        with Service(gate) as service, watched("contactverify_client_free") as freed:
            client = aio_client_for(service)
            cancelled = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
            late = call(client, "verify_codes", verify_code="wait00", timeout=0.05)
            await asyncio.to_thread(gate.wait_for, 1)
            cancelled.cancel()
            kept = await asyncio.gather(cancelled, late, return_exceptions=True)
            await client.close()
            gate.open()
            join_aio_threads()
            self.assertEqual(len(freed), 1)
            self.assertTrue(all(isinstance(each, BaseException) for each in kept), kept)

    async def test_a_client_is_not_copied(self) -> None:
        async with Client(closed_endpoint()) as client:
            for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
                with self.assertRaisesRegex(TypeError, "cannot be copied or pickled"):
                    attempt(client)


class Threads(unittest.IsolatedAsyncioTestCase):
    async def test_calls_one_after_the_other_need_one(self) -> None:
        with Service() as service:
            async with aio_client_for(service) as client:
                for _ in range(20):
                    self.assertTrue(await call(client, "verify_codes"))
                # The next call may come before the thread of the last one is idle.
                self.assertLessEqual(len(aio_threads()), 2)
            join_aio_threads()

    async def test_idle_ones_end(self) -> None:
        with Service() as service, mock.patch.object(_threads, "IDLE_SECONDS", 0.01):
            async with aio_client_for(service) as client:
                for _ in range(2):
                    await asyncio.gather(*(call(client, "verify_codes") for _ in range(20)))
                    join_aio_threads()

    async def test_there_are_never_more_than_may_be(self) -> None:
        gate = Gate()
        with Service(gate) as service, mock.patch.object(_nonblocking, "MAX_IN_FLIGHT", 3):
            async with aio_client_for(service) as client:
                calls = [
                    asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                    for _ in range(10)
                ]
                await asyncio.to_thread(gate.wait_for, 3)
                self.assertEqual(len(aio_threads()), 3)
                self.assertEqual(len(service.requests), 3)
                gate.open()
                self.assertTrue(all(await asyncio.gather(*calls)))
            join_aio_threads()

    async def test_a_system_that_gives_no_thread(self) -> None:
        refused = mock.patch.object(threading.Thread, "start", side_effect=RuntimeError("no more"))
        gate = Gate()
        with Service(gate) as service:
            async with aio_client_for(service) as client:
                with refused, self.assertRaisesRegex(RuntimeError, "no more"):
                    await call(client, "verify_codes")
                first = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                # Not by a thread of the event loop's, which may be the one that is missing.
                while not gate.arrived.acquire(blocking=False):
                    await asyncio.sleep(0)
                with refused:
                    second = asyncio.create_task(call(client, "verify_codes"))
                    await asyncio.wait([second], timeout=0)
                gate.open()
                self.assertTrue(all(await asyncio.gather(first, second)))
        # What was refused was not made later.
        self.assertEqual(len(service.requests), 2)


class Loops(unittest.TestCase):
    def test_several_threads_with_loops_share_a_client(self) -> None:
        wrong: list[Any] = []

        async def work(client: Client, number: int) -> None:
            codes = [f"{number}{n:05}" for n in range(20)]
            results = await asyncio.gather(
                *(call(client, "verify_codes", customer_id=code) for code in codes)
            )
            told = [result.request_id for result in results]
            if told != codes:
                wrong.append(told)

        def answer(request: Any) -> bytes:
            return reply(X_Request_Id=request.body["customer_id"])

        with Service(answer) as service:
            client = aio_client_for(service)
            threads = [
                threading.Thread(target=lambda n=n: asyncio.run(work(client, n))) for n in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            asyncio.run(client.close())
            join_aio_threads()
        self.assertEqual(wrong, [])
        self.assertEqual(len(service.requests), 80)

    def test_a_loop_that_is_closed_before_the_answer(self) -> None:
        gate = Gate()
        said: list[Any] = []

        async def leave(client: Client) -> None:
            task = asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
            await asyncio.to_thread(gate.wait_for, 1)
            self.assertFalse(task.done())

        with Service(gate) as service:
            client = aio_client_for(service, timeout=60)
            asyncio.run(leave(client))
            asyncio.run(client.close())
            with mock.patch.object(threading, "excepthook", said.append):
                gate.open()
                join_aio_threads()
        self.assertEqual(said, [])


class Forks(unittest.TestCase):
    def in_child(self, client: Client, count: int) -> int:
        """How a forked child ends that makes calls and closes: 0 if all went well."""

        async def calls() -> bool:
            results = await asyncio.gather(*(call(client, "verify_codes") for _ in range(count)))
            await client.close()
            return all(results)

        with warnings.catch_warnings():
            # Python 3.12 warns of what is tested here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(30)
                status = 0 if asyncio.run(calls()) and not hung_threads() else 1
            finally:
                os._exit(status)
        return os.waitpid(child, 0)[1]

    def test_while_calls_are_under_way(self) -> None:
        gate = Gate()

        async def work(service: Service) -> None:
            async with aio_client_for(service) as client:
                # One that is idle, too.
                self.assertTrue(await call(client, "verify_codes"))
                calls = [
                    asyncio.create_task(call(client, "verify_codes", verify_code="wait00"))
                    for _ in range(6)
                ]
                await asyncio.to_thread(gate.wait_for, 4)
                for _ in range(3):
                    self.assertEqual(self.in_child(client, 10), 0)
                gate.open()
                self.assertTrue(all(await asyncio.gather(*calls)))
                self.assertTrue(await call(client, "verify_codes"))

        with Service(gate) as service, mock.patch.object(_nonblocking, "MAX_IN_FLIGHT", 4):
            asyncio.run(work(service))
            join_aio_threads()
        # None of the parent's calls was made by a child as well.
        codes = [request.body["verify_code"] for request in service.requests]
        self.assertEqual((codes.count("wait00"), codes.count(CODE)), (6, 32))

    def test_a_child_that_makes_no_call(self) -> None:
        with Service() as service:
            client = aio_client_for(service)
            self.assertTrue(asyncio.run(call(client, "verify_codes")))
            self.assertEqual(self.in_child(client, 0), 0)
            self.assertTrue(asyncio.run(call(client, "verify_codes")))
            asyncio.run(client.close())
            join_aio_threads()


def hung_threads() -> list[threading.Thread]:
    join_aio_threads()
    return aio_threads()


class End(unittest.TestCase):
    BEGIN = """
import asyncio, sys
from contactverify.aio import Client
def log(level, line): pass
async def work(client, code="123456", **more):
    return await client.verify_codes(code, "a@b", 1, **more)
"""

    def assert_silent(self, script: str, *options: str, gate: Gate | None = None) -> None:
        with Service(gate or reply()) as service:
            done = run(*options, "-c", self.BEGIN + script, service.endpoint, TOKEN)
            if gate is not None:
                gate.open()
        self.assertEqual((done.stderr, done.stdout, done.returncode), ("", "called\n", 0))

    def test_a_client_that_stays_open(self) -> None:
        self.assert_silent(
            """
client = Client(sys.argv[1], auth_token=sys.argv[2], log=log)
if asyncio.run(work(client)): print("called")
"""
        )

    def test_a_call_that_nobody_waits_for(self) -> None:
        """The program ends at once, not by the deadline of a minute."""
        self.assert_silent(
            """
async def main():
    async with Client(sys.argv[1], auth_token=sys.argv[2], timeout=60) as client:
        tasks = [asyncio.create_task(work(client, "wait00")) for _ in range(4)]
        if await work(client): print("called")
asyncio.run(main())
""",
            *("-W", "error", "-X", "dev"),
            gate=Gate(),
        )

    def test_threads_that_go_on_calling(self) -> None:
        self.assert_silent(
            """
import threading
client = Client(sys.argv[1], auth_token=sys.argv[2], log=log)
busy = threading.Semaphore(0)
async def main():
    while True:
        await asyncio.gather(*(work(client) for _ in range(8)))
        busy.release()
for _ in range(2): threading.Thread(target=asyncio.run, args=(main(),), daemon=True).start()
for _ in range(20): assert busy.acquire(timeout=20)
print("called")
"""
        )


if __name__ == "__main__":
    unittest.main()

"""A thousand calls at once from one event loop, and what is left of them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
import unittest
from typing import Any

import slow_service
from contactverify import Result
from contactverify.aio import Client
from service import TOKEN, call, join_aio_threads

CALLS = 1000


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def threads() -> set[str]:
    return set(os.listdir("/proc/self/task"))


async def left_running() -> set[Any]:
    return asyncio.all_tasks() - {asyncio.current_task()}


class Many(unittest.TestCase):
    def test_a_thousand_at_once(self) -> None:
        async def run(endpoint: str) -> tuple[int, float]:
            async with Client(endpoint, auth_token=TOKEN) as client:
                begin = time.monotonic()
                results = await asyncio.gather(
                    *(call(client, "verify_codes") for _ in range(CALLS))
                )
                return sum(map(bool, results)), time.monotonic() - begin

        with slow_service.running(0.1) as endpoint:
            verified, seconds = asyncio.run(run(endpoint))
        print(f"\ntest_aio_many: {CALLS} calls in {seconds:.2f} s", file=sys.stderr)
        self.assertEqual(verified, CALLS)
        self.assertLessEqual(seconds, 2)
        self.assertGreater(seconds, 0.1)

    def test_half_of_them_cancelled(self) -> None:
        """Those that are cancelled would never be answered, and end by their deadline."""
        deadline = 1.5

        async def run(endpoint: str) -> tuple[list[Any], set[Any], float]:
            client = Client(endpoint, auth_token=TOKEN, timeout=10)
            tasks = [
                asyncio.create_task(
                    call(client, "verify_codes", verify_code="hang00", timeout=deadline)
                    if n % 2
                    else call(client, "verify_codes")
                )
                for n in range(CALLS)
            ]
            # The first answer tells that others are under way.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            begin = time.monotonic()
            for task in tasks[1::2]:
                task.cancel()
            await asyncio.gather(*tasks[1::2], return_exceptions=True)
            at_once = time.monotonic() - begin
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await client.close()
            return outcomes, await left_running(), at_once

        with slow_service.running(0.1) as endpoint:
            before, opened = threads(), descriptors()
            outcomes, tasks, at_once = asyncio.run(run(endpoint))
            begin = time.monotonic()
            join_aio_threads()
            waited = time.monotonic() - begin
            # What came of the tasks is still there; it holds no connection.
            self.assertEqual(len(outcomes), CALLS)
            gc.collect()
            self.assertEqual(threads(), before)
            self.assertEqual(descriptors(), opened)
        self.assertEqual(tasks, set())
        self.assertLess(at_once, deadline / 2)
        self.assertLess(waited, deadline + 0.5)
        self.assertTrue(all(isinstance(each, Result) and each for each in outcomes[::2]))
        self.assertTrue(all(isinstance(each, asyncio.CancelledError) for each in outcomes[1::2]))


if __name__ == "__main__":
    unittest.main()

"""Calls that an event loop waits for.

The library's functions block, so each call is made on a thread. Functions of the library that do
not block can take the place of ``NonBlocking``: nothing else in this package knows of threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import Any, TypeVar, Union

from ._calls import Call
from ._handle import Handle
from ._library import LONGEST_TIMEOUT_MS
from ._threads import Threads, Ticket, withdraw
from .result import Result, Status

T = TypeVar("T")
_Outcome = Union["tuple[Result, Any]", BaseException]

MAX_IN_FLIGHT = 128
"""How many calls are under way at once; more wait.

With an answer after 100 ms that gives 1,280 calls a second, which is more than an event loop of
Python starts beside other work. It is half of the connections that a client keeps by default, so
that each thread finds one.
"""


class NonBlocking:
    """Makes the calls of one client."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_ms = timeout_ms
        self._threads = Threads(MAX_IN_FLIGHT)

    async def call(self, handle: Handle, call: Call[T, Any]) -> tuple[Result, T | None]:
        """What came of a call, good or bad, and what was read of it if it was good.

        Where the task is cancelled, a call that waits is not made, and what comes of one that is
        under way is dropped.
        """
        loop = asyncio.get_running_loop()
        # An outcome is never set as an exception: of one that nobody fetches, because the task
        # was cancelled meanwhile, the loop would complain.
        ended: asyncio.Future[_Outcome] = loop.create_future()
        deadline = _Deadline(call.request.timeout_ms or self._timeout_ms)
        ticket = self._threads.submit(partial(_work, handle, call, deadline, loop, ended))
        # An exception keeps the variables of the function that raised it, and this one would
        # keep the C client.
        del handle, call
        timer = loop.call_later(deadline.seconds, _give_up, ticket, deadline, ended)
        try:
            outcome = await ended
        finally:
            timer.cancel()
            withdraw(ticket)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        """Gives back what the calls need, as soon as those under way have ended."""
        self._threads.close()


class _Deadline:
    """When a call must have ended, also if it waited for its begin."""

    def __init__(self, milliseconds: int) -> None:
        # One that is not valid is the library's to refuse, as soon as a thread is free.
        self._valid = 1 <= milliseconds <= LONGEST_TIMEOUT_MS
        self.seconds = (milliseconds if self._valid else LONGEST_TIMEOUT_MS) / 1000
        self._end = time.monotonic() + self.seconds

    def left(self, given: int) -> int:
        """The milliseconds that are left for the library, 0 for none."""
        if not self._valid:
            return given
        return max(0, int((self._end - time.monotonic()) * 1000))

    def passed(self) -> Result:
        """What comes of a call that did not begin."""
        return Result(
            Status.TIMEOUT,
            f"The deadline of {self.seconds:g} s passed before the call could begin. Up to "
            f"{MAX_IN_FLIGHT} calls of a client are under way at once: make fewer at once, or "
            "give them more time.",
        )


def _work(
    handle: Handle,
    call: Call[T, Any],
    deadline: _Deadline,
    loop: asyncio.AbstractEventLoop,
    ended: asyncio.Future[_Outcome],
) -> None:
    outcome = _outcome(handle, call, deadline)
    # A closed loop refuses, and nobody waits there any more.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_tell, ended, outcome)


def _give_up(ticket: Ticket, deadline: _Deadline, ended: asyncio.Future[_Outcome]) -> None:
    if withdraw(ticket):
        _tell(ended, (deadline.passed(), None))


def _tell(ended: asyncio.Future[_Outcome], outcome: _Outcome) -> None:
    if not ended.done():
        ended.set_result(outcome)


def _outcome(handle: Handle, call: Call[T, Any], deadline: _Deadline) -> _Outcome:
    try:
        request = call.request
        request.timeout_ms = deadline.left(request.timeout_ms)
        if request.timeout_ms == 0:
            return deadline.passed(), None
        return handle.call(call.function, request, call.read)
    except BaseException as error:
        # Whoever waits must know; the thread goes on with other calls.
        return error

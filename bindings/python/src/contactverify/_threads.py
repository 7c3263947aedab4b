"""Threads that run what is handed to them, a bounded number at once.

``concurrent.futures`` has such a pool, but its threads never end before the pool does, a program
waits at its end for whatever they do, and in a forked child it waits for threads that are not
there.

There is no lock here, which a fork or a destructor could find closed: each step is one operation
of a deque, and whoever gets the element has what it stands for.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable

IDLE_SECONDS = 10.0
"""How long a thread waits for more work before it ends."""

Ticket = list[Callable[[], None]]
"""Work that waits: a list that is empty once somebody has taken the work out."""


def withdraw(ticket: Ticket) -> bool:
    """Takes work back. False if it has begun, or was taken back already."""
    try:
        ticket.pop()
    except IndexError:
        return False
    return True


class Threads:
    """Starts a thread when all others are busy, and ends it when it has nothing to do.

    They are daemon threads: the end of the program does not wait for them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._crew = _Crew(most)
        _all.add(self)

    def submit(self, work: Callable[[], None]) -> Ticket:
        """Has work done, which may not raise, as soon as a thread is free for it."""
        ticket = [work]
        try:
            self._crew.take(ticket)
        except RuntimeError:
            # The system gives no thread, and no other thread has begun with it.
            if withdraw(ticket):
                raise
        return ticket

    def close(self) -> None:
        """Lets every thread end as soon as it has nothing to do. Does not wait for that."""
        self._crew.dismiss()

    def forget(self) -> None:
        """In a forked child: begins anew, because the threads exist in the parent only."""
        self._crew = _Crew(self._most)


class _Crew:
    """The threads of one process, and what they share. They do not keep the pool."""

    def __init__(self, most: int) -> None:
        self._tickets: deque[Ticket] = deque()
        self._most = most
        # Who takes one away may start a thread.
        self._places = deque(range(1, most + 1))
        # The closed locks of the threads that wait for work. Who takes one away must open it.
        self._idle: deque[threading.Lock] = deque()
        self._dismissed = False

    def take(self, ticket: Ticket) -> None:
        self._tickets.append(ticket)
        try:
            # The last one that became idle, so that the first ones end.
            self._idle.pop().release()
        except IndexError:
            self._grow()

    def dismiss(self) -> None:
        self._dismissed = True
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().release()

    def _grow(self) -> None:
        try:
            place = self._places.popleft()
        except IndexError:
            # The first of the busy ones that is done takes the work.
            return
        # The size of its stack is left alone: it could only be set for all threads that the
        # program starts meanwhile, and the system gives no more of a stack than is used.
        thread = threading.Thread(
            target=self._work, args=(place,), name=f"contactverify-{place}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            self._places.appendleft(place)
            # Where there are others, the first that is done takes the work.
            if len(self._places) == self._most:
                raise

    def _work(self, place: int) -> None:
        gate = threading.Lock()
        gate.acquire()
        while True:
            # Nothing keeps the work, and with it a client, while the thread waits for more.
            while (work := self._next()) is not None:
                work()
            if self._waited(gate):
                continue
            self._places.appendleft(place)
            # Work may have come for which the place was missing.
            if not self._tickets:
                return
            try:
                place = self._places.popleft()
            except IndexError:
                return

    def _next(self) -> Callable[[], None] | None:
        while self._tickets:
            # Another thread may be faster, and what was taken back is an empty list.
            with contextlib.suppress(IndexError):
                return self._tickets.popleft().pop()
        return None

    def _waited(self, gate: threading.Lock) -> bool:
        """Whether there may be work, after some waiting for it."""
        self._idle.append(gate)
        # What came before this thread was seen to be idle does not open the gate.
        if not self._tickets and not self._dismissed and gate.acquire(timeout=IDLE_SECONDS):
            return True
        try:
            self._idle.remove(gate)
        except ValueError:
            # Somebody has it, and opens it.
            gate.acquire()
            return True
        return bool(self._tickets)


_all: weakref.WeakSet[Threads] = weakref.WeakSet()


def _forked() -> None:
    for threads in _all:
        threads.forget()


os.register_at_fork(after_in_child=_forked)

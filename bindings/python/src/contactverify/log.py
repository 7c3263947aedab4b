"""Log lines of the library, handed to the program's own function or logger."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Union

from . import _library


class LogLevel(IntEnum):
    """How much is told."""

    OFF = 0
    """Nothing."""
    ERROR = 1
    """Bugs in the library."""
    WARN = 2
    """Also what went wrong and was mended, such as a second attempt."""
    INFO = 3
    """Also one line per request: method, path without query, status, time, request id. Also where
    credentials were found."""
    DEBUG = 4
    """Also connections."""


# Evaluated when the module is loaded, where Python 3.9 does not know `X | Y`.
Log = Union[Callable[[LogLevel, str], object], logging.Logger]
"""A function of level and line, or a logger."""

_LOGGING_LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}


def callback(log: Log) -> Any:
    """The function that C calls. It must be kept for as long as C may call it."""
    if not isinstance(log, logging.Logger) and not callable(log):
        raise TypeError(f"log must be a function or a logging.Logger, not {type(log).__name__}")

    def tell(_user_data: object, number: int, text: bytes) -> None:
        # What this raises goes to sys.unraisablehook; ctypes lets nothing through to C. For what
        # a signal handler raises here, see `_interrupts`.
        level, line = LogLevel(number), text.decode("utf-8", "replace")
        if isinstance(log, logging.Logger):
            log.log(_LOGGING_LEVELS[level], "%s", line)
        else:
            log(level, line)

    return _library.contactverify_log_callback(tell)


# One closed lock for each call that may log. No lock is shared: one that another thread held
# during a fork would stay closed in the child for ever.
_under_way: set[threading.Lock] = set()
_ending = False


@contextmanager
def under_way() -> Generator[bool, None, None]:
    """Surrounds a call that may log, and says whether it still may.

    A daemon thread that enters Python while the interpreter ends is unwound by Python before
    3.14. The unwinding would pass through the library's functions, which aborts the program. So
    the end waits for the calls that may log, and later ones may not.
    """
    gate = threading.Lock()
    with _interrupts(), gate:
        _under_way.add(gate)
        try:
            yield not _ending
        finally:
            _under_way.discard(gate)


@contextmanager
def _interrupts() -> Generator[None, None, None]:
    """Keeps what a signal handler raises, such as KeyboardInterrupt, until the call has ended.

    Python runs the handlers of signals on its main thread, as soon as that runs Python again: that
    is in the callback for a log line, and may be before its first statement. ctypes then hands the
    exception to sys.unraisablehook and forgets it. An ordinary exception is left to that hook.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    raised: list[BaseException] = []
    before = sys.unraisablehook

    def keep(unraisable: sys.UnraisableHookArgs) -> None:
        error = unraisable.exc_value
        if (
            error is None
            or isinstance(error, Exception)
            or threading.current_thread() is not threading.main_thread()
        ):
            before(unraisable)
        else:
            raised.append(error)

    sys.unraisablehook = keep
    try:
        yield
    finally:
        if sys.unraisablehook is keep:
            sys.unraisablehook = before
        if raised:
            raise raised[0]


def _end() -> None:
    global _ending
    _ending = True
    for gate in tuple(_under_way):
        gate.acquire()


atexit.register(_end)
# The parent's other threads, and with them their calls, do not exist in the child.
os.register_at_fork(after_in_child=_under_way.clear)

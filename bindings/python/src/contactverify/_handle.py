"""The client of the C library, and what comes of its calls."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from ctypes import POINTER, byref
from types import SimpleNamespace
from typing import Any, TypeVar

from . import _library, log
from ._settings import Settings
from .errors import error_for
from .log import Log
from .result import Result, Sent, Status
from .success import Told

T = TypeVar("T")

# Looked up faster than an enumeration makes its member of a number.
_STATUSES = {int(status): status for status in Status}
_SENT = {int(sent): sent for sent in Sent}


class Handle:
    """The C client. It is freed when nobody refers to it any more.

    The client refers to it until it is closed, and each call until it ends. So a call that is
    under way keeps it, and there is no lock that a fork or a signal handler could find closed.
    """

    __slots__ = ("_callback", "_library", "_pointer", "_silent")

    def __init__(
        self, library: SimpleNamespace, pointer: Any, callback: Any, silent: Handle | None
    ) -> None:
        self._library = library
        self._pointer = pointer
        # C may call it until the client is freed, so it must live as long.
        self._callback = callback
        # For one that logs, the same without.
        self._silent = silent

    def __del__(self) -> None:
        self._library.contactverify_client_free(self._pointer)

    def call(
        self, function: str, request: Any, read: Callable[[Told], T]
    ) -> tuple[Result, T | None]:
        """What came of a call, good or bad, and what was read of it if it was good."""
        if self._silent is None:
            return self._call(function, request, read)
        with log.under_way() as may_log:
            return (self if may_log else self._silent)._call(function, request, read)

    def _call(
        self, function: str, request: Any, read: Callable[[Told], T]
    ) -> tuple[Result, T | None]:
        pointer = _nothing(_library.contactverify_result)
        try:
            status = getattr(self._library, function)(self._pointer, byref(request), byref(pointer))
            result = _read(self._library, status, pointer)
            if result.status is not Status.OK:
                return result, None
            return result, read(functools.partial(_told, self._library, pointer))
        finally:
            self._library.contactverify_result_free(pointer)


def make(settings: Settings, lines: Log | None, level: int) -> Handle:
    """Makes a client. It connects nowhere."""
    callback = None if lines is None else log.callback(lines)
    library = _library.load()
    config = library.contactverify_config_new()
    try:
        settings.apply(library, config)
        silent = _build(library, config)
        if callback is None:
            return silent
        library.contactverify_config_set_log_callback(config, level, callback, None)
        # Making a client may log as well: where the credentials were found.
        with log.under_way() as may_log:
            return _build(library, config, callback, silent) if may_log else silent
    finally:
        library.contactverify_config_free(config)


def _build(
    library: SimpleNamespace, config: Any, callback: Any = None, silent: Handle | None = None
) -> Handle:
    client = _nothing(_library.contactverify_client)
    result = _nothing(_library.contactverify_result)
    try:
        status = library.contactverify_client_new(config, byref(client), byref(result))
        if status != Status.OK:
            raise error_for(_read(library, status, result))
        return Handle(library, client, callback, silent)
    finally:
        library.contactverify_result_free(result)


def _nothing(kind: type[Any]) -> Any:
    """A NULL pointer for the library to write to."""
    return POINTER(kind)()


def _told(library: SimpleNamespace, result: Any, member: str, *index: int) -> Any:
    value = getattr(library, f"contactverify_result_{member}")(result, *index)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _read(library: SimpleNamespace, returned: int, result: Any) -> Result:
    """What the library tells of every call. Two statuses that disagree are no verdict."""
    told = functools.partial(_told, library, result)
    status, number = _STATUSES.get(returned), told("sent")
    message = told("message")
    # What is not known may have been sent.
    sent = _SENT.get(number, Sent.MAYBE)
    if status is None or told("status") != returned:
        status, sent = Status.INTERNAL, Sent.MAYBE
        # A later library may know more of them than this package.
        name = library.contactverify_status_name(returned).decode("ascii", "replace")
        message = (
            f"contactverify answered with status {returned} ({name}), which is unknown. {message}"
        )
    common = Result(
        status=status,
        message=message,
        request_id=told("request_id"),
        http_status=told("http_status"),
        sent=sent,
        attempts=told("attempts"),
    )
    if status is Status.OK:
        # Asking for the rest, which tells of failures, takes as long as all of this.
        return common
    wait = told("retry_after_ms")
    return dataclasses.replace(
        common,
        field=told("field"),
        error_code=told("error_code"),
        error_msg=told("error_msg"),
        retry_after=None if wait < 0 else wait / 1000,
    )

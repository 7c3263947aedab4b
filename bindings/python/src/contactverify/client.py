"""The client: a service with its credentials and connections."""

from __future__ import annotations

import os
from ctypes import POINTER, byref, sizeof
from types import SimpleNamespace, TracebackType
from typing import Any, NoReturn

from . import _library, log
from ._arguments import flag, mandatory_text, milliseconds, number, text
from .errors import error_for, invalid_argument
from .log import Log, LogLevel
from .result import Result, Sent, Status


class _Handle:
    """The C client. It is freed when nobody refers to it any more.

    The client refers to it until it is closed, and each call until it ends. So a call that is
    under way keeps it, and there is no lock that a fork or a signal handler could find closed.
    """

    __slots__ = ("_callback", "_library", "_pointer", "silent")

    def __init__(
        self, library: SimpleNamespace, pointer: Any, callback: Any, silent: _Handle | None
    ) -> None:
        self._library = library
        self._pointer = pointer
        # C may call it until the client is freed, so it must live as long.
        self._callback = callback
        # For one that logs, the same without.
        self.silent = silent

    def __del__(self) -> None:
        self._library.contactverify_client_free(self._pointer)

    def verify_codes(self, request: _library.contactverify_request) -> Result:
        """What came of a call, good or bad."""
        result = _nothing(_library.contactverify_result)
        try:
            status = self._library.verify_codes(self._pointer, byref(request), byref(result))
            return _read(self._library, status, result)
        finally:
            self._library.contactverify_result_free(result)


class Client:
    """The service with its credentials and connections.

    ``None`` for a setting means the library's default. Making a client connects nowhere; it
    blocks only to read ``ca_file``. Any number of threads may use a client at once, and after
    a fork parent and child may both go on using it. Close it, or use it in a ``with``
    statement; a forgotten one is closed when Python collects it.

    endpoint
        The service's address: ``https://host[:port]``, optionally with a path prefix. Plain
        http is accepted for 127.0.0.0/8, ::1 and localhost only.
    auth_token
        The user token (``X-Auth-Token``), 1 to 5000 characters of visible ASCII. Default:
        none; a call may bring its own.
    language, time_zone
        ``X-Language`` and ``X-Time-Zone``, 1 to 32 characters, such as "en-us" and "GMT+8".
        Default: not sent; the service then takes zh-cn and GMT+8.
    timeout
        The total deadline of a call in seconds, 0.001 to 3600. Default: 10.
    connect_timeout
        The time for a new connection in seconds, inside the deadline: lookup, TCP, proxy and
        TLS together. 0.001 to 3600. Default: 3.
    max_idle_connections
        How many connections are kept for later calls, 0 to 65535. Default: 256.
    idle_timeout
        How long an unused connection is kept, in seconds, 0.001 to 3600. Default: 15.
    retries
        1 allows one more attempt when no connection came about and not a byte had left; 0
        allows none. Default: 1.
    ca_file
        A PEM file with the authorities to trust instead of the system's. Nothing turns the
        verification of certificates off.
    proxy, proxy_from_environment
        The proxy for https endpoints, ``http://[user:password@]host:port``; or whether it is
        taken from the environment. Default: no proxy, whatever the environment says.
    success_code
        The one ``error_code`` that means success, 1 to 32 characters. Default: none.
    application_id
        What stands behind the library's name in ``User-Agent``, 1 to 64 characters.
    site
        ``X-Site``: 0 for China, 1 for international. Default: not sent.
    log, log_level
        A function of level and line, or a ``logging.Logger``, and how much it is told. It is
        called on the thread that makes the call, possibly from several at once. What it raises
        goes to ``sys.unraisablehook`` and changes nothing. No line holds a secret or a contact.
        When the program ends, it waits for the calls of daemon threads that may still log.

    Raises InvalidArgumentError, whose ``field`` is the setting's name in C (``timeout_ms`` for
    ``timeout``); TypeError for a value of another type; LibraryNotFoundError.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_idle_connections: int | None = None,
        idle_timeout: float | None = None,
        retries: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        proxy_from_environment: bool | None = None,
        success_code: str | None = None,
        application_id: str | None = None,
        site: int | None = None,
        log: Log | None = None,
        log_level: LogLevel = LogLevel.INFO,
    ) -> None:
        path = os.fspath(ca_file) if isinstance(ca_file, os.PathLike) else ca_file
        settings: dict[str, bytes | int | None] = {
            "endpoint": mandatory_text("endpoint", endpoint),
            "auth_token": text("auth_token", auth_token),
            "language": text("language", language),
            "time_zone": text("time_zone", time_zone),
            "ca_file": text("ca_file", path),
            "proxy": text("proxy", proxy),
            "success_code": text("success_code", success_code),
            "application_id": text("application_id", application_id),
        }
        for name, seconds in (
            ("timeout", timeout),
            ("connect_timeout", connect_timeout),
            ("idle_timeout", idle_timeout),
        ):
            if seconds is not None:
                settings[f"{name}_ms"] = milliseconds(name, seconds)
        for name, count in (
            ("max_idle_connections", max_idle_connections),
            ("retries", retries),
            ("site", site),
        ):
            if count is not None:
                settings[name] = number(name, count)
        if proxy_from_environment is not None:
            settings["proxy_from_environment"] = flag(
                "proxy_from_environment", proxy_from_environment
            )
        self._handle: _Handle | None = _make(settings, log, number("log_level", log_level))
        # The library refuses an endpoint that holds a secret, so it may be shown.
        self._endpoint = endpoint

    def verify_codes(
        self,
        verify_code: str,
        contact_value: str,
        contact_way: int,
        *,
        area_code: str | None = None,
        x_customer_id: str | None = None,
        customer_id: str | None = None,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Asks the service whether a code is right.

        Blocks this thread, not the interpreter, until the service has answered or the
        deadline has passed. The request is sent once; see ``Client`` for ``retries``.

        verify_code
            The one-time code: exactly 6 characters.
        contact_value
            The phone number or e-mail address: at most 64 characters.
        contact_way
            ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
        area_code
            The country or region code of a phone number, such as "86": at most 16 characters.
        x_customer_id, customer_id
            The sub-user ID and the customer ID: at most 64 characters.
        auth_token, language, time_zone, timeout
            As for ``Client``, for this call only. ``None`` means the client's.

        The result is true only if the service confirmed the code. A wrong, used or expired
        code is a result that is false. Everything else raises a ContactVerifyError; a value of
        another type raises a TypeError.
        """
        request = _library.contactverify_request(
            size=sizeof(_library.contactverify_request),
            verify_code=mandatory_text("verify_code", verify_code),
            contact_value=mandatory_text("contact_value", contact_value),
            area_code=text("area_code", area_code),
            x_customer_id=text("x_customer_id", x_customer_id),
            customer_id=text("customer_id", customer_id),
            auth_token=text("auth_token", auth_token),
            language=text("language", language),
            time_zone=text("time_zone", time_zone),
            contact_way=number("contact_way", contact_way),
            timeout_ms=0 if timeout is None else milliseconds("timeout", timeout),
        )
        result = self._call(request)
        if result.status in (Status.OK, Status.REJECTED):
            return result
        raise error_for(result)

    def _call(self, request: _library.contactverify_request) -> Result:
        # In a function of its own, because an exception keeps the variables of the function
        # that raised it, and with them the C client.
        handle = self._handle
        if handle is None:
            raise invalid_argument("client", "the client is closed: make a new one")
        if handle.silent is None:
            return handle.verify_codes(request)
        with log.under_way() as may_log:
            return (handle if may_log else handle.silent).verify_codes(request)

    def close(self) -> None:
        """Closes the connections and forgets the credentials. A second time does nothing.

        Does not block. A call that is under way on another thread ends as it would have ended,
        and the last one frees what is left. A later use raises InvalidArgumentError.
        """
        self._handle = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = ", closed" if self._handle is None else ""
        return f"<contactverify.Client {self._endpoint}{closed}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client cannot be copied or pickled: make another one")


def _make(settings: dict[str, bytes | int | None], lines: Log | None, level: int) -> _Handle:
    callback = None if lines is None else log.callback(lines)
    library = _library.load()
    config = library.contactverify_config_new()
    try:
        # A setter that fails marks the config, and making the client tells of the first one.
        for name, value in settings.items():
            if value is not None:
                getattr(library, f"contactverify_config_set_{name}")(config, value)
        silent = _build(library, config)
        if callback is None:
            return silent
        library.contactverify_config_set_log_callback(config, level, callback, None)
        return _build(library, config, callback, silent)
    finally:
        library.contactverify_config_free(config)


def _build(
    library: SimpleNamespace, config: Any, callback: Any = None, silent: _Handle | None = None
) -> _Handle:
    client = _nothing(_library.contactverify_client)
    result = _nothing(_library.contactverify_result)
    try:
        status = library.contactverify_client_new(config, byref(client), byref(result))
        if status != Status.OK:
            raise error_for(_read(library, status, result))
        return _Handle(library, client, callback, silent)
    finally:
        library.contactverify_result_free(result)


def _nothing(kind: type[Any]) -> Any:
    """A NULL pointer for the library to write to."""
    return POINTER(kind)()


def _read(library: SimpleNamespace, returned: int, result: Any) -> Result:
    """What the library tells of a call. Two statuses that disagree are no verdict."""

    def told(member: str) -> Any:
        value = getattr(library, f"contactverify_result_{member}")(result)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    message = told("message")
    status = _known_status(returned)
    # What is not known may have been sent.
    sent = Sent(told("sent")) if told("sent") in tuple(Sent) else Sent.MAYBE
    if status is None or told("status") != returned:
        status, sent = Status.INTERNAL, Sent.MAYBE
        message = f"contactverify answered with status {returned}, which is unknown. {message}"
    wait = told("retry_after_ms")
    return Result(
        status=status,
        message=message,
        field=told("field"),
        error_code=told("error_code"),
        error_msg=told("error_msg"),
        request_id=told("request_id"),
        http_status=told("http_status"),
        sent=sent,
        attempts=told("attempts"),
        retry_after=None if wait < 0 else wait / 1000,
    )


def _known_status(number: int) -> Status | None:
    try:
        return Status(number)
    except ValueError:
        return None

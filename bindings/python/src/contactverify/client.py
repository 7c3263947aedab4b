"""The client: a service with its credentials and connections."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from ctypes import Structure, sizeof
from types import TracebackType
from typing import NoReturn, TypeVar

from . import _handle, _library, success
from ._arguments import at_least, mandatory_text, not_negative, number, options, text
from ._handle import Handle
from ._settings import Settings
from .contact import Contact
from .credentials import AccessKey, CredentialSource, IamPassword
from .errors import error_for, invalid_argument
from .log import Log, LogLevel
from .result import Result, Status
from .success import CodeSent, NeedVerify, Told, VerifiedContacts

T = TypeVar("T")
Request = TypeVar("Request", bound=Structure)


class Client:
    """The service with its credentials and connections.

    ``None`` for a setting means the library's default. Making a client connects nowhere; it
    blocks only to read files. Any number of threads may use a client at once, and after
    a fork parent and child may both go on using it. Close it, or use it in a ``with``
    statement; a forgotten one is closed when Python collects it.

    endpoint
        The service's address: ``https://host[:port]``, optionally with a path prefix. Plain
        http is accepted for 127.0.0.0/8, ::1 and localhost only.
    region
        In place of an endpoint: "cn-south-1", "ap-southeast-3" or "eu-west-101". The environment
        variable ``HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1`` (likewise for other names, also
        unknown ones) names another endpoint for it, as in the vendor's SDKs. An endpoint wins.
    auth_token, iam_password, access_key, credentials_from_environment
        Who is asking; one of the four. ``auth_token`` is a user token (``X-Auth-Token``), 1 to
        5000 characters of visible ASCII. ``IamPassword`` fetches and renews such tokens.
        ``AccessKey`` signs each request. ``credentials_from_environment=True`` looks for an
        access key where the vendor's SDKs do, now; a sum of ``CredentialSource`` looks there
        only. Default: none; a call may bring its own token.
    iam_endpoint
        IAM's address, in the form of ``endpoint``. Default: the one of the service's site.
    iam_project
        The project, by name (usually a region's), that IAM's tokens shall be good for: 1 to 256
        characters. Default: the project of ``project_id``, else the whole account.
    domain_id, project_id
        The account's and the project's ID, which signed requests tell, 1 to 128 characters.
        Default: not sent. IAM's tokens shall be good for the project, too.
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
        1 allows one more attempt when no connection came about and not a byte had left, and
        one more when the service refused a token that the client had fetched; 0 allows none.
        Default: 1.
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
        endpoint: str | None = None,
        *,
        region: str | None = None,
        auth_token: str | None = None,
        iam_password: IamPassword | None = None,
        access_key: AccessKey | None = None,
        credentials_from_environment: bool | CredentialSource | None = None,
        iam_endpoint: str | None = None,
        iam_project: str | None = None,
        domain_id: str | None = None,
        project_id: str | None = None,
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
        settings = Settings()
        settings.texts(endpoint=endpoint, region=region)
        settings.credentials(
            auth_token=auth_token,
            iam_password=iam_password,
            access_key=access_key,
            credentials_from_environment=credentials_from_environment,
        )
        settings.texts(
            iam_endpoint=iam_endpoint,
            iam_project=iam_project,
            domain_id=domain_id,
            project_id=project_id,
            language=language,
            time_zone=time_zone,
            ca_file=os.fspath(ca_file) if isinstance(ca_file, os.PathLike) else ca_file,
            proxy=proxy,
            success_code=success_code,
            application_id=application_id,
        )
        settings.seconds(
            timeout=timeout, connect_timeout=connect_timeout, idle_timeout=idle_timeout
        )
        settings.numbers(max_idle_connections=max_idle_connections, retries=retries, site=site)
        settings.flags(proxy_from_environment=proxy_from_environment)
        self._handle: Handle | None = _handle.make(settings, log, number("log_level", log_level))
        # The library refuses an endpoint that holds a secret, and a region that is no name, so
        # they may be shown.
        self._place = endpoint or region

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
        request = _request(
            _library.contactverify_request,
            verify_code=mandatory_text("verify_code", verify_code),
            contact_value=mandatory_text("contact_value", contact_value),
            contact_way=number("contact_way", contact_way),
            area_code=text("area_code", area_code),
            x_customer_id=text("x_customer_id", x_customer_id),
            customer_id=text("customer_id", customer_id),
            **options(auth_token, language, time_zone, timeout),
        )
        result, _ = self._call("verify_codes", request, lambda _: None)
        if result.status in (Status.OK, Status.REJECTED):
            return result
        raise error_for(result)

    def send_code(
        self,
        contact_value: str,
        contact_way: int,
        area_code: str = "",
        *,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
    ) -> CodeSent:
        """Has the service send a new code to a contact: one a minute, good for five minutes.

        Blocks as ``verify_codes`` does, and takes what it takes; ``area_code`` is "" for an
        e-mail.

        A code that was asked for too often raises a RejectedError with the error code
        "OSM.01010024"; every other ending raises a ContactVerifyError as well. Where its
        ``sent`` is ``Sent.MAYBE``, a code may be on its way.
        """
        request = _request(
            _library.contactverify_send_request,
            contact_value=mandatory_text("contact_value", contact_value),
            contact_way=number("contact_way", contact_way),
            area_code=mandatory_text("area_code", area_code),
            **options(auth_token, language, time_zone, timeout),
        )
        return self._ask("contactverify_send_code", request, success.code_sent)

    def need_verify(
        self,
        contact_value: str,
        contact_way: int,
        *,
        area_code: str | None = None,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
    ) -> NeedVerify:
        """Asks whether a contact must be verified; the answer is true if it must.

        Blocks as ``verify_codes`` does, and takes what it takes; ``contact_value`` may not be
        empty. Without an answer, also where the service refuses, it raises a ContactVerifyError.
        """
        request = _request(
            _library.contactverify_need_request,
            contact_value=mandatory_text("contact_value", contact_value),
            contact_way=number("contact_way", contact_way),
            area_code=text("area_code", area_code),
            **options(auth_token, language, time_zone, timeout),
        )
        return self._ask("contactverify_need_verify", request, success.need_verify)

    def list_verified(
        self,
        *,
        contact_value: str | None = None,
        contact_way: int | None = None,
        area_code: str | None = None,
        customer_id: str | None = None,
        sub_customer_id: str | None = None,
        verified_id: str | None = None,
        expired_time: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
    ) -> VerifiedContacts:
        """Lists the contacts that are verified: one portion of them. See ``iter_verified``.

        Blocks as ``verify_codes`` does. What is not given narrows nothing.

        contact_value
            At most 256 characters here.
        customer_id, sub_customer_id, verified_id
            At most 64 characters.
        expired_time
            The end of a verification, as the service writes it: at most 32 characters.
        contact_way
            ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
        area_code
            At most 16 characters.
        offset
            Where in the list to begin, 0 to 65535. Default: not sent; the service then begins at
            1, as its page says without saying what 0 is.
        limit
            How many are wanted at most, 0 to 100. Default: not sent; the service then gives 10.

        Without an answer, also where the service refuses, it raises a ContactVerifyError.
        """
        request = _request(
            _library.contactverify_list_request,
            contact_value=text("contact_value", contact_value),
            contact_way=not_negative("contact_way", contact_way),
            area_code=text("area_code", area_code),
            customer_id=text("customer_id", customer_id),
            sub_customer_id=text("sub_customer_id", sub_customer_id),
            verified_id=text("verified_id", verified_id),
            expired_time=text("expired_time", expired_time),
            offset=not_negative("offset", offset),
            limit=not_negative("limit", limit),
            **options(auth_token, language, time_zone, timeout),
        )
        return self._ask("contactverify_list_verified", request, success.verified_contacts)

    def iter_verified(
        self,
        *,
        contact_value: str | None = None,
        contact_way: int | None = None,
        area_code: str | None = None,
        customer_id: str | None = None,
        sub_customer_id: str | None = None,
        verified_id: str | None = None,
        expired_time: str | None = None,
        page_size: int | None = None,
        auth_token: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[Contact]:
        """Goes through all verified contacts, with as many ``list_verified`` as it takes.

        ``page_size`` is how many a call asks for at most, 1 to 100. Default: the service
        chooses. The other parameters, and what is raised, are those of ``list_verified``;
        ``timeout`` is for each call. Nothing is asked before the first contact is taken.

        Each contact comes once. The end is a portion without a new one, or as many contacts as
        the service tells of.
        """
        page = functools.partial(
            self.list_verified,
            contact_value=contact_value,
            contact_way=contact_way,
            area_code=area_code,
            customer_id=customer_id,
            sub_customer_id=sub_customer_id,
            verified_id=verified_id,
            expired_time=expired_time,
            limit=None if page_size is None else at_least("page_size", page_size, 1),
            auth_token=auth_token,
            language=language,
            time_zone=time_zone,
            timeout=timeout,
        )
        return _all_of(page)

    def _ask(self, function: str, request: Structure, read: Callable[[Told], T]) -> T:
        """What the service told. There is no verdict that could be false: all else is raised."""
        result, value = self._call(function, request, read)
        if value is None:
            raise error_for(result)
        return value

    def _call(
        self, function: str, request: Structure, read: Callable[[Told], T]
    ) -> tuple[Result, T | None]:
        # In a function of its own, because an exception keeps the variables of the function
        # that raised it, and with them the C client.
        handle = self._handle
        if handle is None:
            raise invalid_argument("client", "the client is closed: make a new one")
        return handle.call(function, request, read)

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
        return f"<contactverify.Client {self._place}{closed}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client cannot be copied or pickled: make another one")


def _all_of(page: Callable[..., VerifiedContacts]) -> Iterator[Contact]:
    # The service's page does not say whether its list begins at 0 or at 1. Beginning at 0, and
    # passing over as many as are known, finds each contact in both cases, some of them twice.
    known: set[Contact] = set()
    while True:
        portion = page(offset=len(known))
        # Without anything new, asking again would be endless.
        new = [contact for contact in dict.fromkeys(portion) if contact not in known]
        if not new:
            return
        known.update(new)
        yield from new
        if len(known) >= portion.total:
            return


def _request(kind: type[Request], **members: bytes | int | None) -> Request:
    return kind(size=sizeof(kind), **members)

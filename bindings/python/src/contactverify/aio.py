"""The client for asyncio: the calls of ``contactverify.Client``, to be awaited.

An example::

    from contactverify import ContactWay
    from contactverify.aio import Client

    async with Client("https://osm.cn-south-1.myhuaweicloud.com", auth_token=token) as client:
        result = await client.verify_codes("123456", "alice@example.com", ContactWay.EMAIL)
        if result:
            ...  # verified, and only then
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TypeVar

from . import _calls
from ._arguments import at_least
from ._base import BaseClient
from ._calls import Call, Portions
from ._nonblocking import NonBlocking
from .contact import Contact
from .result import Result
from .success import CodeSent, NeedVerify, VerifiedContacts

T = TypeVar("T")
Answer = TypeVar("Answer")


class Client(BaseClient):
    """The service with its credentials and connections, for programs that use asyncio.

    Names, arguments and answers are those of ``contactverify.Client``; the methods are coroutines.

    The time of a call runs from the moment at which it is first awaited. Up to 128 calls of
    a client are under way at once; others wait, and that counts toward their ``timeout``: a call
    never begins after its deadline, and one that did not begin by then raises a DeadlineError
    whose ``sent`` is ``Sent.NO``.

    Cancelling a task returns at once. A call that still waits is then never made. One that is
    under way goes on without anybody who would hear of it, and ends by its own deadline: as after
    ``Sent.MAYBE``, a code may be used up.

    One client serves any number of event loops and threads, each call belonging to the loop that
    awaits it, and after a fork parent and child may both go on using it. Use it in an
    ``async with`` statement, or await ``close``; a forgotten one is closed when Python collects
    it, with a ResourceWarning.
    """

    _nonblocking: NonBlocking

    def _begin(self, timeout_ms: int) -> None:
        self._nonblocking = NonBlocking(timeout_ms)

    async def verify_codes(
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

        The request is sent once; see the client's ``retries``.

        Args:
            verify_code: The one-time code: exactly 6 characters.
            contact_value: The phone number or e-mail address: at most 64 characters.
            contact_way: ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
            area_code: The country or region code of a phone number, such as "86": at most 16
                characters.
            x_customer_id: The sub-user ID: at most 64 characters.
            customer_id: The customer ID: at most 64 characters.
            auth_token: As for the client, for this call only. ``None`` means the client's.
            language: Likewise.
            time_zone: Likewise.
            timeout: Likewise.

        Returns:
            A result that is true only if the service confirmed the code. A wrong, used or expired
            code is a result that is false.

        Raises:
            ContactVerifyError: There is no verdict; its class and members tell why.
            TypeError: A value is of another type.
        """
        return await self._make(
            _calls.verify_codes(
                verify_code,
                contact_value,
                contact_way,
                area_code=area_code,
                x_customer_id=x_customer_id,
                customer_id=customer_id,
                auth_token=auth_token,
                language=language,
                time_zone=time_zone,
                timeout=timeout,
            )
        )

    async def send_code(
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

        Args:
            contact_value: The phone number or e-mail address: at most 64 characters.
            contact_way: ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
            area_code: The country or region code of a phone number: at most 16 characters. ""
                for an e-mail.
            auth_token: As for the client, for this call only. ``None`` means the client's.
            language: Likewise.
            time_zone: Likewise.
            timeout: Likewise.

        Returns:
            That the service accepted to send it.

        Raises:
            RejectedError: The service refused. A code that was asked for too often has the error
                code "OSM.01010024".
            ContactVerifyError: Every other ending. Where its ``sent`` is ``Sent.MAYBE``, a code
                may be on its way.
            TypeError: A value is of another type.
        """
        return await self._make(
            _calls.send_code(
                contact_value,
                contact_way,
                area_code,
                auth_token=auth_token,
                language=language,
                time_zone=time_zone,
                timeout=timeout,
            )
        )

    async def need_verify(
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
        """Asks whether a contact must be verified.

        Args:
            contact_value: The phone number or e-mail address: 1 to 64 characters.
            contact_way: ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
            area_code: The country or region code of a phone number: at most 16 characters.
            auth_token: As for the client, for this call only. ``None`` means the client's.
            language: Likewise.
            time_zone: Likewise.
            timeout: Likewise.

        Returns:
            An answer that is true if the contact must be verified.

        Raises:
            ContactVerifyError: There is no answer; also where the service refuses.
            TypeError: A value is of another type.
        """
        return await self._make(
            _calls.need_verify(
                contact_value,
                contact_way,
                area_code=area_code,
                auth_token=auth_token,
                language=language,
                time_zone=time_zone,
                timeout=timeout,
            )
        )

    async def list_verified(
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

        What is not given narrows nothing.

        Args:
            contact_value: The phone number or e-mail address: at most 256 characters here.
            contact_way: ``ContactWay.SMS`` or ``ContactWay.EMAIL``.
            area_code: The country or region code of a phone number: at most 16 characters.
            customer_id: The customer ID: at most 64 characters.
            sub_customer_id: The sub-user ID: at most 64 characters.
            verified_id: The number of a verification: at most 64 characters.
            expired_time: The end of a verification, as the service writes it: at most 32
                characters.
            offset: Where in the list to begin, 0 to 65535. Default: not sent; the service then
                begins at 1, as its page says without saying what 0 is.
            limit: How many are wanted at most, 0 to 100. Default: not sent; the service then
                gives 10.
            auth_token: As for the client, for this call only. ``None`` means the client's.
            language: Likewise.
            time_zone: Likewise.
            timeout: Likewise.

        Returns:
            The portion, and how many contacts there are in all.

        Raises:
            ContactVerifyError: There is no answer; also where the service refuses.
            TypeError: A value is of another type.
        """
        return await self._make(
            _calls.list_verified(
                contact_value=contact_value,
                contact_way=contact_way,
                area_code=area_code,
                customer_id=customer_id,
                sub_customer_id=sub_customer_id,
                verified_id=verified_id,
                expired_time=expired_time,
                offset=offset,
                limit=limit,
                auth_token=auth_token,
                language=language,
                time_zone=time_zone,
                timeout=timeout,
            )
        )

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
    ) -> AsyncIterator[Contact]:
        """Goes through all verified contacts, with as many ``list_verified`` as it takes.

        Nothing is asked before the first contact is taken. Each contact comes once. The end is
        a portion without a new one, or as many contacts as the service tells of.

        Args:
            contact_value: As for ``list_verified``.
            contact_way: Likewise.
            area_code: Likewise.
            customer_id: Likewise.
            sub_customer_id: Likewise.
            verified_id: Likewise.
            expired_time: Likewise.
            page_size: How many a call asks for at most, 1 to 100. Default: the service chooses.
            auth_token: As for ``list_verified``.
            language: Likewise.
            time_zone: Likewise.
            timeout: Likewise, for each call.

        Returns:
            The contacts. Taking one raises what ``list_verified`` raises.

        Raises:
            InvalidArgumentError: ``page_size`` is below 1.
            TypeError: ``page_size`` is of another type.
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

    async def _make(self, call: Call[T, Answer]) -> Answer:
        return call.answer(*await self._nonblocking.call(self._opened(), call))

    async def close(self) -> None:
        """Closes the connections and forgets the credentials. A second time does nothing.

        Waits for nothing. A call that is under way ends as it would have ended, and the last one
        frees what is left. A later use raises InvalidArgumentError.
        """
        self._handle = None
        self._nonblocking.close()

    async def __aenter__(self) -> Client:
        """The client, which the end of the block closes."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the client."""
        await self.close()

    def __del__(self) -> None:
        """Closes a client that was forgotten, and says so."""
        if self._handle is None:
            return
        self._nonblocking.close()
        warnings.warn(f"unclosed client {self!r}", ResourceWarning, stacklevel=2, source=self)


async def _all_of(page: Callable[..., Awaitable[VerifiedContacts]]) -> AsyncIterator[Contact]:
    portions = Portions()
    while not portions.ended:
        for contact in portions.new_in(await page(offset=portions.offset)):
            yield contact

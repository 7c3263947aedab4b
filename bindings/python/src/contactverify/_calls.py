"""The calls: each from a program's arguments to the request, and from its end to an answer.

Both clients make them. They differ in who waits.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import Structure, sizeof
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import _library, success
from ._arguments import mandatory_text, not_negative, number, options, text
from .contact import Contact
from .errors import error_for
from .result import Result, Status
from .success import CodeSent, NeedVerify, Told, VerifiedContacts

T = TypeVar("T")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call(Generic[T, Answer]):
    """A call that can be made."""

    function: str
    """The function of the library."""
    request: Any
    """What it is given: a structure that keeps its texts alive."""
    read: Callable[[Told], T]
    """Reads what a good result tells beside what all tell."""
    answer: Callable[[Result, T | None], Answer]
    """What the program gets, of the result and of what was read; or it raises."""


def verify_codes(
    verify_code: str,
    contact_value: str,
    contact_way: int,
    *,
    area_code: str | None,
    x_customer_id: str | None,
    customer_id: str | None,
    **optional: Any,
) -> Call[None, Result]:
    request = _request(
        _library.contactverify_request,
        verify_code=mandatory_text("verify_code", verify_code),
        contact_value=mandatory_text("contact_value", contact_value),
        contact_way=number("contact_way", contact_way),
        area_code=text("area_code", area_code),
        x_customer_id=text("x_customer_id", x_customer_id),
        customer_id=text("customer_id", customer_id),
        **options(**optional),
    )
    return Call("verify_codes", request, lambda _: None, _verdict)


def send_code(
    contact_value: str, contact_way: int, area_code: str, **optional: Any
) -> Call[CodeSent, CodeSent]:
    request = _request(
        _library.contactverify_send_request,
        contact_value=mandatory_text("contact_value", contact_value),
        contact_way=number("contact_way", contact_way),
        area_code=mandatory_text("area_code", area_code),
        **options(**optional),
    )
    return Call("contactverify_send_code", request, success.code_sent, _told)


def need_verify(
    contact_value: str, contact_way: int, *, area_code: str | None, **optional: Any
) -> Call[NeedVerify, NeedVerify]:
    request = _request(
        _library.contactverify_need_request,
        contact_value=mandatory_text("contact_value", contact_value),
        contact_way=number("contact_way", contact_way),
        area_code=text("area_code", area_code),
        **options(**optional),
    )
    return Call("contactverify_need_verify", request, success.need_verify, _told)


def list_verified(
    *,
    contact_value: str | None,
    contact_way: int | None,
    area_code: str | None,
    customer_id: str | None,
    sub_customer_id: str | None,
    verified_id: str | None,
    expired_time: str | None,
    offset: int | None,
    limit: int | None,
    **optional: Any,
) -> Call[VerifiedContacts, VerifiedContacts]:
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
        **options(**optional),
    )
    return Call("contactverify_list_verified", request, success.verified_contacts, _told)


class Portions:
    """A long list, of which each portion is a call of its own.

    The service's page does not say whether its list begins at 0 or at 1. Beginning at 0, and
    passing over as many as are known, finds each contact in both cases, some of them twice.
    """

    def __init__(self) -> None:
        self._known: set[Contact] = set()
        self._step = 0
        self.ended = False

    @property
    def offset(self) -> int:
        """Where the next portion begins."""
        return len(self._known) + self._step

    def new_in(self, portion: VerifiedContacts) -> list[Contact]:
        """What is new in a portion. Where nothing is, asking again would be endless."""
        new = [contact for contact in dict.fromkeys(portion) if contact not in self._known]
        self._known.update(new)
        self.ended = len(self._known) >= portion.total
        if not new:
            # Portions of one contact, of a list that begins at 1: the first one comes twice.
            self.ended |= len(portion) != 1 or self._step == 1
            self._step = 1
        return new


def _verdict(result: Result, _: None) -> Result:
    if result.status in (Status.OK, Status.REJECTED):
        return result
    raise error_for(result)


def _told(result: Result, told: T | None) -> T:
    # There is no verdict that could be false, so all but an answer is raised.
    if told is None:
        raise error_for(result)
    return told


def _request(kind: type[Structure], **members: bytes | int | None) -> Structure:
    return kind(size=sizeof(kind), **members)

"""What the calls that ask for more than a verdict tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .contact import Contact, ContactWay

Told = Callable[..., Any]
"""Gives a member of the library's result, by name and, for those of a list, by index."""


@dataclass(frozen=True)
class Success:
    """What all of them tell."""

    request_id: str
    """The service's own number for the request, which its support asks for."""
    attempts: int
    """As in ``Result``."""


@dataclass(frozen=True)
class CodeSent(Success):
    """The service accepted to send a code."""


@dataclass(frozen=True)
class NeedVerify(Success):
    """Whether a contact must be verified. It is true if it must."""

    need_verify_code: int
    """The service's own number: as far as is known, 1 if a code is needed and 0 if not."""
    expire_time: str
    """The time that the service tells with it, as it wrote it; "" if it wrote none."""

    @property
    def needed(self) -> bool:
        """Whether the contact must be verified. A number that nobody knows means that it must."""
        return self.need_verify_code != 0

    def __bool__(self) -> bool:
        """Whether the contact must be verified."""
        return self.needed


@dataclass(frozen=True)
class VerifiedContacts(Success):
    """A portion of the verified contacts; it has their length and is true if there are any."""

    total: int
    """How many there are in all, of which this may be a part."""
    contacts: tuple[Contact, ...]
    """The part that was asked for."""

    def __len__(self) -> int:
        """How many contacts this portion has."""
        return len(self.contacts)

    def __iter__(self) -> Iterator[Contact]:
        """Goes through the contacts of this portion."""
        return iter(self.contacts)


def code_sent(told: Told) -> CodeSent:
    """Reads what ``send_code`` is told."""
    return CodeSent(request_id=told("request_id"), attempts=told("attempts"))


def need_verify(told: Told) -> NeedVerify:
    """Reads what ``need_verify`` is told."""
    return NeedVerify(
        request_id=told("request_id"),
        attempts=told("attempts"),
        need_verify_code=told("need_verify"),
        expire_time=told("expire_time"),
    )


def verified_contacts(told: Told) -> VerifiedContacts:
    """Reads what ``list_verified`` is told."""
    return VerifiedContacts(
        request_id=told("request_id"),
        attempts=told("attempts"),
        total=told("total"),
        contacts=tuple(
            Contact(
                contact_way=_way(told("contact_way", index)),
                contact_value=told("contact_value", index),
                area_code=told("contact_area_code", index),
                verified_id=told("contact_verified_id", index),
            )
            for index in range(told("contact_count"))
        ),
    )


def _way(number: int) -> ContactWay | int | None:
    if number == -1:
        return None
    return ContactWay(number) if number in tuple(ContactWay) else number

"""Contacts, and how a code reaches a person there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class ContactWay(IntEnum):
    """How the code reached the person, as the API page numbers it."""

    SMS = 0
    """An SMS message to a phone number."""
    EMAIL = 1
    """An e-mail."""


@dataclass(frozen=True)
class Contact:
    """A verified contact. Its repr does not tell whose it is."""

    contact_way: ContactWay | int | None
    """The kind: another number if the service wrote one, None if it wrote none."""
    contact_value: str = field(repr=False)
    """The phone number or e-mail address."""
    area_code: str = field(repr=False)
    """The country or region code of a phone number; "" if the service wrote none."""
    verified_id: str
    """The number of the verification; "" if the service wrote none."""

"""How a code reaches a person."""

from enum import IntEnum


class ContactWay(IntEnum):
    """How the code reached the person, as the API page numbers it."""

    SMS = 0
    """An SMS message to a phone number."""
    EMAIL = 1
    """An e-mail."""

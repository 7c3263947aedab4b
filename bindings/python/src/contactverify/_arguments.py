"""From Python values to what C takes.

The limits of the API page are the library's to judge. Here is only what could not reach it
as it was meant: another type, a text that C would cut short, a number that would wrap around.
"""

from __future__ import annotations

from ._library import NOT_GIVEN
from .errors import invalid_argument

_INT32_MAX = 2**31 - 1


def required_str(name: str, value: object) -> str:
    """Only a str."""
    if not isinstance(value, str):
        raise wrong_type(name, "a str", value)
    return value


def optional_str(name: str, value: object) -> str | None:
    """A str or None."""
    return None if value is None else required_str(name, value)


def text(name: str, value: str | None) -> bytes | None:
    """A text for C; None is NULL, which means "not given"."""
    return None if value is None else mandatory_text(name, value)


def mandatory_text(name: str, value: str) -> bytes:
    """A text for C that must be given."""
    try:
        encoded = required_str(name, value).encode("utf-8")
    except UnicodeEncodeError:
        encoded = None
    # Raised here and not above, because a UnicodeEncodeError carries the text, which may be a
    # secret, and would travel along as the context.
    if encoded is None:
        raise invalid_argument(name, f"{name} is not valid Unicode: it holds a lone surrogate")
    if b"\0" in encoded:
        raise invalid_argument(name, f"{name} contains a NUL character: remove it")
    return encoded


def number(name: str, value: int) -> int:
    """A number for C's ``int32_t``; ctypes would take its lowest 32 bits, so that 2**32 is 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, "an int", value)
    if not -_INT32_MAX <= value <= _INT32_MAX:
        raise invalid_argument(name, f"{name} is out of range: it does not fit into 32 bits")
    return int(value)


def at_least(name: str, value: int, least: int) -> int:
    """A number of which the library does not know, or not in this meaning, that it is too low."""
    checked = number(name, value)
    if checked < least:
        raise invalid_argument(name, f"{name} must be {least} or more, but is {checked}")
    return checked


def not_negative(name: str, value: int | None) -> int:
    """A number that need not be given, which C is told by -1."""
    return NOT_GIVEN if value is None else at_least(name, value, 0)


def flag(name: str, value: bool) -> int:
    """A yes or no for C, which takes it as 1 or 0."""
    if not isinstance(value, bool):
        raise wrong_type(name, "a bool", value)
    return int(value)


def milliseconds(name: str, seconds: float) -> int:
    """Seconds to C's milliseconds, never 0: that would mean "the client's" to a call."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise wrong_type(name, "a number of seconds", seconds)
    exact = seconds * 1000
    # NaN fails every comparison.
    if exact == 0 or not -_INT32_MAX <= exact <= _INT32_MAX:
        raise invalid_argument(
            f"{name}_ms",
            f"{name}_ms is out of range: give {name} in seconds, from 0.001 to 3600",
        )
    return round(exact) or (1 if exact > 0 else -1)


def options(
    auth_token: str | None, language: str | None, time_zone: str | None, timeout: float | None
) -> dict[str, bytes | int | None]:
    """What every call may override, as members of its request."""
    return {
        "auth_token": text("auth_token", auth_token),
        "language": text("language", language),
        "time_zone": text("time_zone", time_zone),
        "timeout_ms": 0 if timeout is None else milliseconds("timeout", timeout),
    }


def wrong_type(name: str, wanted: str, value: object) -> TypeError:
    # The value itself is not shown: it may be a secret in the wrong place.
    return TypeError(f"{name} must be {wanted}, not {type(value).__name__}")

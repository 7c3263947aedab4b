"""The C library: where it is found, and what its header declares."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import os
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path
from types import SimpleNamespace
from typing import Any

VERSION = "0.1.0"

_MAJOR, _MINOR = VERSION.split(".")[:2]
# Before 1.0 each minor version may break the ABI, so it is a part of the name.
_SONAME = "libcontactverify.so." + (f"0.{_MINOR}" if _MAJOR == "0" else _MAJOR)


class LibraryNotFoundError(ImportError):
    """The shared library is missing, or is not of this package's version."""


# The types carry their C names, as in include/contactverify.h.


class contactverify_config(ctypes.Structure):
    """Opaque: settings being collected for a client."""


class contactverify_client(ctypes.Structure):
    """Opaque: the service with its credentials and connections."""


class contactverify_result(ctypes.Structure):
    """Opaque: what came of a call."""


class contactverify_request(ctypes.Structure):
    """One code to be checked. ctypes keeps the texts alive for as long as the struct."""

    _fields_ = (
        ("size", c_size_t),
        ("verify_code", c_char_p),
        ("contact_value", c_char_p),
        ("area_code", c_char_p),
        ("x_customer_id", c_char_p),
        ("customer_id", c_char_p),
        ("auth_token", c_char_p),
        ("language", c_char_p),
        ("time_zone", c_char_p),
        ("contact_way", c_int32),
        ("timeout_ms", c_int32),
    )


class contactverify_send_request(ctypes.Structure):
    """A code to be sent."""

    _fields_ = (
        ("size", c_size_t),
        ("contact_value", c_char_p),
        ("area_code", c_char_p),
        ("auth_token", c_char_p),
        ("language", c_char_p),
        ("time_zone", c_char_p),
        ("contact_way", c_int32),
        ("timeout_ms", c_int32),
    )


class contactverify_need_request(ctypes.Structure):
    """A contact of which is asked whether it must be verified."""

    _fields_ = (
        ("size", c_size_t),
        ("contact_value", c_char_p),
        ("area_code", c_char_p),
        ("auth_token", c_char_p),
        ("language", c_char_p),
        ("time_zone", c_char_p),
        ("contact_way", c_int32),
        ("timeout_ms", c_int32),
    )


class contactverify_list_request(ctypes.Structure):
    """Which verified contacts are wanted."""

    _fields_ = (
        ("size", c_size_t),
        ("contact_value", c_char_p),
        ("area_code", c_char_p),
        ("customer_id", c_char_p),
        ("sub_customer_id", c_char_p),
        ("verified_id", c_char_p),
        ("expired_time", c_char_p),
        ("auth_token", c_char_p),
        ("language", c_char_p),
        ("time_zone", c_char_p),
        ("contact_way", c_int32),
        ("offset", c_int32),
        ("limit", c_int32),
        ("timeout_ms", c_int32),
    )


# Of a number in a contactverify_list_request: not given.
NOT_GIVEN = -1
# The deadline of a call for which neither it nor its client was given one.
DEFAULT_TIMEOUT_MS = 10_000
# The longest deadline that the library takes.
LONGEST_TIMEOUT_MS = 3_600_000

contactverify_log_callback = ctypes.CFUNCTYPE(None, c_void_p, c_int32, c_char_p)

_status = c_int32
_config = POINTER(contactverify_config)
_client = POINTER(contactverify_client)
_result = POINTER(contactverify_result)

# Every function of the header: what it returns and what it takes.
FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "contactverify_status_name": (c_char_p, (c_int32,)),
    "contactverify_version": (c_char_p, ()),
    "contactverify_config_new": (_config, ()),
    "contactverify_config_free": (None, (_config,)),
    "contactverify_config_set_endpoint": (_status, (_config, c_char_p)),
    "contactverify_config_set_region": (_status, (_config, c_char_p)),
    "contactverify_config_set_auth_token": (_status, (_config, c_char_p)),
    "contactverify_config_set_iam_password": (_status, (_config, c_char_p, c_char_p, c_char_p)),
    "contactverify_config_set_access_key": (_status, (_config, c_char_p, c_char_p, c_char_p)),
    "contactverify_config_set_credentials_from_environment": (_status, (_config,)),
    "contactverify_config_set_credential_sources": (_status, (_config, c_int32)),
    "contactverify_config_set_iam_endpoint": (_status, (_config, c_char_p)),
    "contactverify_config_set_iam_project": (_status, (_config, c_char_p)),
    "contactverify_config_set_domain_id": (_status, (_config, c_char_p)),
    "contactverify_config_set_project_id": (_status, (_config, c_char_p)),
    "contactverify_config_set_language": (_status, (_config, c_char_p)),
    "contactverify_config_set_time_zone": (_status, (_config, c_char_p)),
    "contactverify_config_set_ca_file": (_status, (_config, c_char_p)),
    "contactverify_config_set_proxy": (_status, (_config, c_char_p)),
    "contactverify_config_set_proxy_from_environment": (_status, (_config, c_int32)),
    "contactverify_config_set_success_code": (_status, (_config, c_char_p)),
    "contactverify_config_set_application_id": (_status, (_config, c_char_p)),
    "contactverify_config_set_site": (_status, (_config, c_int32)),
    "contactverify_config_set_timeout_ms": (_status, (_config, c_int32)),
    "contactverify_config_set_connect_timeout_ms": (_status, (_config, c_int32)),
    "contactverify_config_set_max_idle_connections": (_status, (_config, c_int32)),
    "contactverify_config_set_idle_timeout_ms": (_status, (_config, c_int32)),
    "contactverify_config_set_retries": (_status, (_config, c_int32)),
    "contactverify_config_set_log_callback": (
        _status,
        (_config, c_int32, contactverify_log_callback, c_void_p),
    ),
    "contactverify_client_new": (_status, (_config, POINTER(_client), POINTER(_result))),
    "contactverify_client_free": (None, (_client,)),
    "verify_codes": (_status, (_client, POINTER(contactverify_request), POINTER(_result))),
    "contactverify_send_code": (
        _status,
        (_client, POINTER(contactverify_send_request), POINTER(_result)),
    ),
    "contactverify_need_verify": (
        _status,
        (_client, POINTER(contactverify_need_request), POINTER(_result)),
    ),
    "contactverify_list_verified": (
        _status,
        (_client, POINTER(contactverify_list_request), POINTER(_result)),
    ),
    "contactverify_result_free": (None, (_result,)),
    "contactverify_result_status": (_status, (_result,)),
    "contactverify_result_message": (c_char_p, (_result,)),
    "contactverify_result_field": (c_char_p, (_result,)),
    "contactverify_result_error_code": (c_char_p, (_result,)),
    "contactverify_result_error_msg": (c_char_p, (_result,)),
    "contactverify_result_request_id": (c_char_p, (_result,)),
    "contactverify_result_http_status": (c_int32, (_result,)),
    "contactverify_result_sent": (c_int32, (_result,)),
    "contactverify_result_attempts": (c_int32, (_result,)),
    "contactverify_result_retry_after_ms": (c_int64, (_result,)),
    "contactverify_result_need_verify": (c_int32, (_result,)),
    "contactverify_result_expire_time": (c_char_p, (_result,)),
    "contactverify_result_total": (c_int64, (_result,)),
    "contactverify_result_contact_count": (c_size_t, (_result,)),
    "contactverify_result_contact_way": (c_int32, (_result, c_size_t)),
    "contactverify_result_contact_value": (c_char_p, (_result, c_size_t)),
    "contactverify_result_contact_area_code": (c_char_p, (_result, c_size_t)),
    "contactverify_result_contact_verified_id": (c_char_p, (_result, c_size_t)),
}


@functools.cache
def load() -> SimpleNamespace:
    """The functions of the library, and no others: what is not declared cannot be called."""
    tried: list[str] = []
    for place, optional in _places():
        try:
            library = ctypes.CDLL(place)
        except OSError as error:
            tried.append(f"{place} ({error})")
            if optional:
                continue
            break
        return _declare(place, library)
    raise LibraryNotFoundError(
        f"contactverify's library was not found. Tried: {'; '.join(tried)}. Build it with "
        "`make`, and set CONTACTVERIFY_LIBRARY to the path of libcontactverify.so."
    )


def _places() -> Iterator[tuple[str, bool]]:
    """Where the library may be, and whether it is all right if it is not there."""
    # Whoever names a file means this file: another one in its place would be a surprise.
    given = os.environ.get("CONTACTVERIFY_LIBRARY")
    if given:
        yield os.path.abspath(given), False
        return
    beside = Path(__file__).with_name("libcontactverify.so")
    yield str(beside), not beside.exists()
    yield _SONAME, True
    found = ctypes.util.find_library("contactverify")
    if found is not None:
        yield found, True


def _declare(place: str, library: ctypes.CDLL) -> SimpleNamespace:
    try:
        functions = {name: getattr(library, name) for name in FUNCTIONS}
    except AttributeError as error:
        raise LibraryNotFoundError(
            f"{place} is not contactverify's library of version {VERSION} ({error}). "
            "Build it with `make`."
        ) from None
    for name, function in functions.items():
        function.restype, function.argtypes = FUNCTIONS[name]
    version = functions["contactverify_version"]().decode("ascii", "replace")
    if version.split(".")[:2] != [_MAJOR, _MINOR]:
        raise LibraryNotFoundError(
            f"{place} has version {version}, but this package needs {_MAJOR}.{_MINOR}. "
            "Build the library that belongs to the package with `make`."
        )
    return SimpleNamespace(**functions)

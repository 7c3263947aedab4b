"""Verifies a phone number or e-mail address with a one-time code.

It asks Huawei Cloud's Service Tickets (OSM) API through the C library of the same name::

    from contactverify import Client, ContactWay

    with Client("https://osm.cn-south-1.myhuaweicloud.com", auth_token=token) as client:
        result = client.verify_codes("123456", "alice@example.com", ContactWay.EMAIL)
        if result:
            ...  # verified, and only then
"""

from ._library import VERSION as __version__
from ._library import LibraryNotFoundError
from .client import Client
from .contact import ContactWay
from .errors import (
    BadResponseError,
    BusyError,
    CallCancelledError,
    ConnectFailedError,
    ConnectionLostError,
    ContactVerifyError,
    DeadlineError,
    ForbiddenError,
    InternalError,
    InvalidArgumentError,
    RateLimitedError,
    RequestRefusedError,
    ServiceError,
    TlsFailedError,
    UnauthorizedError,
)
from .log import LogLevel
from .result import Result, Sent, Status

__all__ = [
    "BadResponseError",
    "BusyError",
    "CallCancelledError",
    "Client",
    "ConnectFailedError",
    "ConnectionLostError",
    "ContactVerifyError",
    "ContactWay",
    "DeadlineError",
    "ForbiddenError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryNotFoundError",
    "LogLevel",
    "RateLimitedError",
    "RequestRefusedError",
    "Result",
    "Sent",
    "ServiceError",
    "Status",
    "TlsFailedError",
    "UnauthorizedError",
    "__version__",
]

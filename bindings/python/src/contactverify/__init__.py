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
from .contact import Contact, ContactWay
from .credentials import AccessKey, CredentialSource, IamPassword
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
    RejectedError,
    RequestRefusedError,
    ServiceError,
    TlsFailedError,
    UnauthorizedError,
)
from .log import LogLevel
from .result import Result, Sent, Status
from .success import CodeSent, NeedVerify, VerifiedContacts

__all__ = [
    "AccessKey",
    "BadResponseError",
    "BusyError",
    "CallCancelledError",
    "Client",
    "CodeSent",
    "ConnectFailedError",
    "ConnectionLostError",
    "Contact",
    "ContactVerifyError",
    "ContactWay",
    "CredentialSource",
    "DeadlineError",
    "ForbiddenError",
    "IamPassword",
    "InternalError",
    "InvalidArgumentError",
    "LibraryNotFoundError",
    "LogLevel",
    "NeedVerify",
    "RateLimitedError",
    "RejectedError",
    "RequestRefusedError",
    "Result",
    "Sent",
    "ServiceError",
    "Status",
    "TlsFailedError",
    "UnauthorizedError",
    "VerifiedContacts",
    "__version__",
]

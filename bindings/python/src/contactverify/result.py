"""What came of a call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """What a call ended in. Everything but ``OK`` means "not verified"."""

    OK = 0
    """The service confirmed the code. Of other calls: done."""
    INVALID_ARGUMENT = 1
    """Refused before anything was sent; ``field`` names the parameter."""
    BUSY = 2
    """The queue of non-blocking calls is full."""
    CANCELLED = 3
    """The caller cancelled the call or freed the client."""
    CONNECT_FAILED = 20
    """Name not found, refused, unreachable, or the proxy refused. Nothing was sent."""
    TLS_FAILED = 21
    """The TLS handshake or the certificate failed."""
    TIMEOUT = 22
    """The deadline passed, or the connect timeout."""
    CONNECTION_LOST = 23
    """The connection broke after the request began to leave and before a whole answer."""
    BAD_RESPONSE = 24
    """Not HTTP, framing that is not allowed, not the documented JSON, or over a limit."""
    REJECTED = 40
    """HTTP 200 with an ``error_code``: the service checked, and it is not verified."""
    UNAUTHORIZED = 41
    """HTTP 401, from the service or from IAM: token, key or password is wrong or has ended."""
    FORBIDDEN = 42
    """HTTP 403: this account may not use the service."""
    RATE_LIMITED = 43
    """HTTP 429: too many requests; see ``retry_after``."""
    REQUEST_REFUSED = 44
    """Any other 3xx or 4xx. Redirects are never followed."""
    SERVICE_ERROR = 45
    """HTTP 5xx and above: the service failed."""
    INTERNAL = 90
    """A bug in the library, or a status that this package does not know."""


class Sent(IntEnum):
    """How far the request came.

    A code may be used up by a request whose answer never arrived, so this says whether
    trying again is safe.
    """

    NO = 0
    """Not a byte of the request left this machine."""
    MAYBE = 1
    """Bytes left; whether the service acted on them is unknown."""
    ANSWERED = 2
    """The service answered."""


@dataclass(frozen=True)
class Result:
    """What came of a call. It is true only if the service confirmed the code.

    It never changes, so any thread may read it. No member holds a token, code or contact.
    A text that is absent is "".
    """

    status: Status
    """What the call ended in."""
    message: str
    """A sentence for a person: what happened and what to do."""
    field: str = ""
    """With ``INVALID_ARGUMENT``, the parameter or setting that was refused."""
    error_code: str = ""
    """The service's error code, such as "OSM.01010010". Decide on this, never on a text."""
    error_msg: str = ""
    """The text beside the error code, as the service gave it."""
    request_id: str = ""
    """The service's own number for the request, which its support asks for."""
    http_status: int = 0
    """The HTTP status of the answer; 0 if there was no whole one."""
    sent: Sent = Sent.NO
    """How far the request came."""
    attempts: int = 0
    """How many times the request was tried: 0 if the arguments were refused or no credentials
    could be had, else 1; one more if the first connection did not come about, and one more if a
    token that the client had fetched was refused."""
    retry_after: float | None = None
    """How many seconds the service asks to wait before the next request."""

    @property
    def verified(self) -> bool:
        """Whether the service confirmed the code."""
        return self.status is Status.OK

    def __bool__(self) -> bool:
        """Whether the service confirmed the code."""
        return self.verified

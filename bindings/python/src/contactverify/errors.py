"""Why there is no verdict: one exception per situation."""

from __future__ import annotations

from typing import Any

from .result import Result, Status


class ContactVerifyError(Exception):
    """A call gave no verdict. What is known of it stands in the members of a ``Result``."""

    def __init__(self, result: Result) -> None:
        """Makes one of what came of a call."""
        super().__init__(result.message)
        self.result = result
        self.status = result.status
        self.message = result.message
        self.field = result.field
        self.error_code = result.error_code
        self.error_msg = result.error_msg
        self.request_id = result.request_id
        self.http_status = result.http_status
        self.sent = result.sent
        self.attempts = result.attempts
        self.retry_after = result.retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        """Keeps the result where the exception is pickled."""
        # An exception is normally made again from its text; process pools need this one whole.
        return type(self), (self.result,)


class InvalidArgumentError(ContactVerifyError, ValueError):
    """A parameter or setting was refused, and ``field`` names it. Nothing was sent."""


class BusyError(ContactVerifyError):
    """The queue of non-blocking calls is full."""


class CallCancelledError(ContactVerifyError):
    """The call was cancelled."""


class ConnectFailedError(ContactVerifyError):
    """Name not found, refused, unreachable, or the proxy refused. Nothing was sent."""


class TlsFailedError(ContactVerifyError):
    """The TLS handshake or the certificate failed."""


class DeadlineError(ContactVerifyError, TimeoutError):
    """The deadline or the connect timeout passed; ``sent`` says how far the request came."""


class ConnectionLostError(ContactVerifyError):
    """The connection broke before a whole answer; the service may have acted."""


class BadResponseError(ContactVerifyError):
    """The answer is not what the API documents."""


class RejectedError(ContactVerifyError):
    """The service refused to send a code or to answer a question; ``error_code`` says why.

    A refused code is none: there ``verify_codes`` has a result that is false.
    """


class UnauthorizedError(ContactVerifyError):
    """HTTP 401, from the service or from IAM: token, key or password is wrong or has ended."""


class ForbiddenError(ContactVerifyError):
    """HTTP 403: this account may not use the service."""


class RateLimitedError(ContactVerifyError):
    """HTTP 429: too many requests; ``retry_after`` says how long to wait, if it is known."""


class RequestRefusedError(ContactVerifyError):
    """Any other 3xx or 4xx. Redirects are never followed."""


class ServiceError(ContactVerifyError):
    """HTTP 5xx and above: the service failed."""


class InternalError(ContactVerifyError):
    """A bug in the library, or a status that this package does not know."""


_CLASSES: dict[Status, type[ContactVerifyError]] = {
    Status.INVALID_ARGUMENT: InvalidArgumentError,
    Status.BUSY: BusyError,
    Status.CANCELLED: CallCancelledError,
    Status.CONNECT_FAILED: ConnectFailedError,
    Status.TLS_FAILED: TlsFailedError,
    Status.TIMEOUT: DeadlineError,
    Status.CONNECTION_LOST: ConnectionLostError,
    Status.BAD_RESPONSE: BadResponseError,
    Status.REJECTED: RejectedError,
    Status.UNAUTHORIZED: UnauthorizedError,
    Status.FORBIDDEN: ForbiddenError,
    Status.RATE_LIMITED: RateLimitedError,
    Status.REQUEST_REFUSED: RequestRefusedError,
    Status.SERVICE_ERROR: ServiceError,
    Status.INTERNAL: InternalError,
}


def error_for(result: Result) -> ContactVerifyError:
    """The exception for a result that is no verdict."""
    return _CLASSES.get(result.status, InternalError)(result)


def invalid_argument(field: str, message: str) -> InvalidArgumentError:
    """What the library would answer, for a value that cannot be handed to it."""
    return InvalidArgumentError(Result(Status.INVALID_ARGUMENT, message, field=field))

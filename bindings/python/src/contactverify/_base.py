"""What both clients have in common: what they are made from, and that they are closed."""

from __future__ import annotations

import os
from typing import NoReturn

from . import _handle, _library
from ._arguments import milliseconds, number
from ._handle import Handle
from ._settings import Settings
from .credentials import AccessKey, CredentialSource, IamPassword
from .errors import invalid_argument
from .log import Log, LogLevel


class BaseClient:
    """The service with its credentials and connections."""

    # Also of one that could not be made.
    _handle: Handle | None = None

    def __init__(
        self,
        endpoint: str | None = None,
        *,
        region: str | None = None,
        auth_token: str | None = None,
        iam_password: IamPassword | None = None,
        access_key: AccessKey | None = None,
        credentials_from_environment: bool | CredentialSource | None = None,
        iam_endpoint: str | None = None,
        iam_project: str | None = None,
        domain_id: str | None = None,
        project_id: str | None = None,
        language: str | None = None,
        time_zone: str | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_idle_connections: int | None = None,
        idle_timeout: float | None = None,
        retries: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        proxy_from_environment: bool | None = None,
        success_code: str | None = None,
        application_id: str | None = None,
        site: int | None = None,
        log: Log | None = None,
        log_level: LogLevel = LogLevel.INFO,
    ) -> None:
        """Makes a client. It connects nowhere, and blocks only to read files.

        ``None`` for a setting means the library's default. Of ``auth_token``, ``iam_password``,
        ``access_key`` and ``credentials_from_environment`` one may be given; without any, a call
        may bring its own token.

        Args:
            endpoint: The service's address: ``https://host[:port]``, optionally with a path
                prefix. Plain http is accepted for 127.0.0.0/8, ::1 and localhost only.
            region: In place of an endpoint: "cn-south-1", "ap-southeast-3" or "eu-west-101". The
                environment variable ``HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1`` (likewise for other
                names, also unknown ones) names another endpoint for it, as in the vendor's SDKs.
                An endpoint wins.
            auth_token: A user token (``X-Auth-Token``), 1 to 5000 characters of visible ASCII.
            iam_password: An account's user, for whom such tokens are fetched and renewed.
            access_key: The key with which each request is signed.
            credentials_from_environment: ``True`` looks for an access key where the vendor's SDKs
                do, now; a sum of ``CredentialSource`` looks there only.
            iam_endpoint: IAM's address, in the form of ``endpoint``. Default: the region's,
                else the site's if ``endpoint`` is one of the cloud's own hosts, else none.
            iam_project: The project, by name (usually a region's), that IAM's tokens shall be
                good for: 1 to 256 characters. Default: the project of ``project_id``, else the
                whole account.
            domain_id: The account's ID, which signed requests tell: 1 to 128 characters. Default:
                not sent.
            project_id: The project's ID, which signed requests tell, and which IAM's tokens shall
                be good for: 1 to 128 characters. Default: not sent.
            language: ``X-Language``, 1 to 32 characters, such as "en-us". Default: not sent; the
                service then takes zh-cn.
            time_zone: ``X-Time-Zone``, 1 to 32 characters, such as "GMT+8", which is what the
                service takes when it is not sent. Default: not sent.
            timeout: The total deadline of a call in seconds, 0.001 to 3600. Default: 10.
            connect_timeout: The time for a new connection in seconds, inside the deadline:
                lookup, TCP, proxy and TLS together. 0.001 to 3600. Default: 3.
            max_idle_connections: How many connections are kept for later calls, 0 to 65535.
                Default: 256.
            idle_timeout: How long an unused connection is kept, in seconds, 0.001 to 3600.
                Default: 15.
            retries: 1 allows one more attempt when no connection came about and not a byte had
                left, and one more when the service refused a token that the client had fetched;
                0 allows none. Default: 1.
            ca_file: A PEM file with the authorities to trust instead of the system's. Nothing
                turns the verification of certificates off.
            proxy: The proxy for https endpoints, ``http://[user:password@]host:port``. Default:
                none, whatever the environment says.
            proxy_from_environment: Whether the proxy is taken from the environment. Default: no.
            success_code: The one ``error_code`` that means success, 1 to 32 characters. Default:
                none.
            application_id: What stands behind the library's name in ``User-Agent``, 1 to 64
                characters.
            site: ``X-Site``: 0 for China, 1 for international. Default: not sent.
            log: A function of level and line, or a ``logging.Logger``. It is called on the thread
                that makes the call, possibly from several at once. What it raises goes to
                ``sys.unraisablehook`` and changes nothing. No line holds a secret or a contact.
                When the program ends, it waits for the calls of daemon threads that may still
                log.
            log_level: How much ``log`` is told.

        Raises:
            InvalidArgumentError: A setting was refused. Its ``field`` is the setting's name in C
                (``timeout_ms`` for ``timeout``).
            TypeError: A value is of another type.
            LibraryNotFoundError: The shared library is missing or of another version.
        """
        settings = Settings()
        settings.texts(endpoint=endpoint, region=region)
        settings.credentials(
            auth_token=auth_token,
            iam_password=iam_password,
            access_key=access_key,
            credentials_from_environment=credentials_from_environment,
        )
        settings.texts(
            iam_endpoint=iam_endpoint,
            iam_project=iam_project,
            domain_id=domain_id,
            project_id=project_id,
            language=language,
            time_zone=time_zone,
            ca_file=os.fspath(ca_file) if isinstance(ca_file, os.PathLike) else ca_file,
            proxy=proxy,
            success_code=success_code,
            application_id=application_id,
        )
        settings.seconds(
            timeout=timeout, connect_timeout=connect_timeout, idle_timeout=idle_timeout
        )
        settings.numbers(max_idle_connections=max_idle_connections, retries=retries, site=site)
        settings.flags(proxy_from_environment=proxy_from_environment)
        self._handle = _handle.make(settings, log, number("log_level", log_level))
        self._begin(
            _library.DEFAULT_TIMEOUT_MS if timeout is None else milliseconds("timeout", timeout)
        )
        # The library refuses an endpoint that holds a secret, and a region that is no name, so
        # they may be shown.
        self._place = endpoint or region

    def _begin(self, timeout_ms: int) -> None:
        """Makes what one kind of client needs beside the C client."""

    def _opened(self) -> Handle:
        # Nobody may keep it in a variable of a function that raises: an exception keeps those,
        # and with them the C client.
        handle = self._handle
        if handle is None:
            raise invalid_argument("client", "the client is closed: make a new one")
        return handle

    def __repr__(self) -> str:
        """The service's place, and whether the client is closed; nothing of the credentials."""
        closed = ", closed" if self._handle is None else ""
        module = type(self).__module__.replace(".client", "")
        return f"<{module}.{type(self).__name__} {self._place}{closed}>"

    def __reduce__(self) -> NoReturn:
        """Refuses to be copied or pickled."""
        raise TypeError("a Client cannot be copied or pickled: make another one")

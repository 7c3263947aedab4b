"""What a client is made from, as the library's setters take it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Union

from ._arguments import flag, mandatory_text, milliseconds, number, text, wrong_type
from .credentials import AccessKey, CredentialSource, IamPassword
from .errors import invalid_argument

_Value = Union[bytes, int, None]


class Settings:
    """What was given, by the names of the setters and in the order in which they are called.

    ``None`` is not given.
    """

    def __init__(self) -> None:
        self._given: dict[str, tuple[_Value, ...]] = {}

    def texts(self, **given: str | None) -> None:
        for name, value in given.items():
            if value is not None:
                self._given[name] = (text(name, value),)

    def seconds(self, **given: float | None) -> None:
        for name, value in given.items():
            if value is not None:
                self._given[f"{name}_ms"] = (milliseconds(name, value),)

    def numbers(self, **given: int | None) -> None:
        for name, value in given.items():
            if value is not None:
                self._given[name] = (number(name, value),)

    def flags(self, **given: bool | None) -> None:
        for name, value in given.items():
            if value is not None:
                self._given[name] = (flag(name, value),)

    def credentials(
        self,
        *,
        auth_token: str | None,
        iam_password: IamPassword | None,
        access_key: AccessKey | None,
        credentials_from_environment: bool | CredentialSource | None,
    ) -> None:
        """Takes one kind of credentials. Of several, C would silently use the last one."""
        given: dict[str, tuple[_Value, ...]] = {}
        if auth_token is not None:
            given["auth_token"] = (text("auth_token", auth_token),)
        if iam_password is not None:
            given["iam_password"] = _login(iam_password)
        if access_key is not None:
            given["access_key"] = _key(access_key)
        sources = _sources(credentials_from_environment)
        if sources is not None:
            given["credentials_from_environment"] = ()
        if len(given) > 1:
            first, second = list(given)[:2]
            raise invalid_argument(
                second,
                f"{second} is given beside {first}: a client has one kind of credentials",
            )
        if sources is not None:
            self._given["credential_sources"] = (sources.value,)
        self._given.update(given)

    def apply(self, library: SimpleNamespace, config: Any) -> None:
        # A setter that fails marks the config, and making the client tells of the first one.
        for name, values in self._given.items():
            getattr(library, f"contactverify_config_set_{name}")(config, *values)


def _login(login: IamPassword) -> tuple[_Value, ...]:
    if not isinstance(login, IamPassword):
        raise wrong_type("iam_password", "an IamPassword", login)
    texts = (login.domain, login.user, login.password)
    return tuple(mandatory_text("iam_password", each) for each in texts)


def _key(key: AccessKey) -> tuple[_Value, ...]:
    if not isinstance(key, AccessKey):
        raise wrong_type("access_key", "an AccessKey", key)
    return (
        mandatory_text("access_key", key.access_key),
        mandatory_text("access_key", key.secret_key),
        text("access_key", key.security_token),
    )


def _sources(wanted: bool | CredentialSource | None) -> CredentialSource | None:
    if wanted is None or wanted is False:
        return None
    if wanted is True:
        return CredentialSource.ENVIRONMENT | CredentialSource.FILE | CredentialSource.SERVER
    if not isinstance(wanted, CredentialSource):
        raise wrong_type("credentials_from_environment", "a bool or a CredentialSource", wanted)
    return wanted

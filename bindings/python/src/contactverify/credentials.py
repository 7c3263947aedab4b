"""What shows the service who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag

from ._arguments import optional_str, required_str


@dataclass(frozen=True)
class IamPassword:
    """An account, a user of it, and the password: the client fetches tokens from IAM.

    It does so inside the first call that needs one, once for all threads, and renews it before
    it ends. A login that IAM refuses is not repeated for five minutes, because IAM locks
    accounts. Accounts without a password of their own, such as federated ones, cannot use it.
    """

    # Like the library's messages, no repr tells any of it.
    domain: str = field(repr=False)
    """The account's name: 1 to 1024 characters."""
    user: str = field(repr=False)
    """The user's name: 1 to 1024 characters."""
    password: str = field(repr=False)
    """The password: 1 to 1024 characters."""

    def __post_init__(self) -> None:
        """Raises a TypeError for what is no text."""
        for name in ("domain", "user", "password"):
            required_str(name, getattr(self, name))


@dataclass(frozen=True)
class AccessKey:
    """An access key with its secret key: the client signs each request, and needs no token.

    The secret key goes nowhere. The service accepts a quarter of an hour of difference between
    its clock and this machine's.
    """

    access_key: str = field(repr=False)
    """The access key (AK): 1 to 256 characters of visible ASCII."""
    secret_key: str = field(repr=False)
    """The secret key (SK): 1 to 256 characters."""
    security_token: str | None = field(default=None, repr=False)
    """What comes with a temporary key: 1 to 7900 characters of visible ASCII."""

    def __post_init__(self) -> None:
        """Raises a TypeError for what is no text."""
        required_str("access_key", self.access_key)
        required_str("secret_key", self.secret_key)
        optional_str("security_token", self.security_token)


class CredentialSource(Flag):
    """Where to look for an access key, under the names of the vendor's SDKs, in this order."""

    ENVIRONMENT = 1
    """``HUAWEICLOUD_SDK_AK``, ``HUAWEICLOUD_SDK_SK`` and so on."""
    FILE = 2
    """The file that ``HUAWEICLOUD_SDK_CREDENTIALS_FILE`` names, else
    ``~/.huaweicloud/credentials``."""
    SERVER = 4
    """The metadata server of a cloud host, which is asked inside the first call."""

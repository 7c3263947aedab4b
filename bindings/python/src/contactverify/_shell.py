"""Credentials as a shell gives them: never on the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .credentials import IamPassword
from .errors import invalid_argument

TOKEN_VARIABLE = "CONTACTVERIFY_TOKEN"
LOGIN_VARIABLES = ("CONTACTVERIFY_DOMAIN", "CONTACTVERIFY_USER", "CONTACTVERIFY_PASSWORD")

HELP = (
    f"Credentials: a token from --token-file or ${TOKEN_VARIABLE}; else an account's user from "
    f"${LOGIN_VARIABLES[0]}, ${LOGIN_VARIABLES[1]} and ${LOGIN_VARIABLES[2]}; else an access key "
    "where the vendor's SDKs look for one: $HUAWEICLOUD_SDK_AK and $HUAWEICLOUD_SDK_SK, the file "
    "~/.huaweicloud/credentials, a cloud host's metadata server."
)


def credentials(token_file: str | None) -> dict[str, Any]:
    """The client's settings with the first credentials that there are."""
    if token_file is not None:
        return {"auth_token": _token(token_file)}
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        return {"auth_token": token}
    login = {name: os.environ.get(name, "") for name in LOGIN_VARIABLES}
    if any(login.values()):
        missing = [name for name, value in login.items() if not value]
        if missing:
            raise invalid_argument(
                "iam_password", f"Half a login is set: {' and '.join(missing)} is missing."
            )
        return {"iam_password": IamPassword(*login.values())}
    return {"credentials_from_environment": True}


def _token(file: str) -> str:
    name = "standard input" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        token = content.decode("utf-8").strip()
    except OSError as error:
        raise invalid_argument(
            "auth_token", f"The token cannot be read from {name}: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        token = ""
    if not token:
        raise invalid_argument("auth_token", f"There is no token in {name}.")
    return token

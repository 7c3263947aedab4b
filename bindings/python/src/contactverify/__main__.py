"""``python -m contactverify``: one verification from a shell."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ._library import VERSION, LibraryNotFoundError
from .client import Client
from .contact import ContactWay
from .errors import ContactVerifyError, invalid_argument
from .result import Result, Status

TOKEN_VARIABLE = "CONTACTVERIFY_TOKEN"

# Every other status exits with 3.
EXIT_STATUSES = {Status.OK: 0, Status.REJECTED: 1, Status.INVALID_ARGUMENT: 2}


class _TokenOnTheCommandLine(argparse.Action):
    """Refuses ``--token`` without repeating what stands behind it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error(
            "a token on the command line can be seen by everybody on this machine: "
            f"put it into {TOKEN_VARIABLE}, or into a file for --token-file"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contactverify", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser(
        "verify",
        help="ask the service whether a code is right",
        description="Prints OK, REJECTED with the service's error code, or the name of another "
        "status. Exits with 0 for OK, 1 for REJECTED, 2 for a mistake in the arguments, "
        "3 for everything else.",
        allow_abbrev=False,
    )
    verify.add_argument("--endpoint", required=True, metavar="URL", help="https://host[:port]")
    verify.add_argument("--contact", required=True, help="the phone number or e-mail address")
    verify.add_argument("--way", required=True, choices=[way.name.lower() for way in ContactWay])
    verify.add_argument("--code", required=True, help="the one-time code, 6 characters")
    verify.add_argument("--area-code", metavar="NUMBER", help="of a phone number, such as 86")
    verify.add_argument(
        "--token-file",
        metavar="FILE",
        help=f'holds the user token; "-" is standard input. Default: ${TOKEN_VARIABLE}',
    )
    verify.add_argument("--token", nargs="?", action=_TokenOnTheCommandLine, help=argparse.SUPPRESS)
    verify.add_argument("--timeout", type=float, metavar="SECONDS", help="default: 10")
    verify.add_argument("--ca-file", metavar="FILE", help="PEM file with authorities to trust")
    return parser


def _token(file: str | None) -> str:
    if file is None:
        token = os.environ.get(TOKEN_VARIABLE, "")
        if not token:
            raise invalid_argument(
                "auth_token", f"There is no token: set {TOKEN_VARIABLE}, or give --token-file."
            )
        return token
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


def _verify(arguments: argparse.Namespace) -> Result:
    try:
        with Client(
            arguments.endpoint,
            auth_token=_token(arguments.token_file),
            timeout=arguments.timeout,
            ca_file=arguments.ca_file,
        ) as client:
            return client.verify_codes(
                arguments.code,
                arguments.contact,
                ContactWay[arguments.way.upper()],
                area_code=arguments.area_code,
            )
    except ContactVerifyError as error:
        return error.result


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and answers with its exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        result = _verify(parsed)
    except LibraryNotFoundError as error:
        print(error, file=sys.stderr)
        return 3
    verdict = result.status.name
    if result.status is Status.REJECTED:
        # The code is the service's text, which a terminal's encoding may not know.
        verdict += " " + result.error_code.encode("ascii", "backslashreplace").decode("ascii")
    print(verdict)
    if not result:
        print(result.message, file=sys.stderr)
    return EXIT_STATUSES.get(result.status, 3)


if __name__ == "__main__":
    # Ctrl-C ends the program at once, not when the call ends.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())

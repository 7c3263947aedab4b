"""``python -m contactverify``: the four calls from a shell."""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, Union

from . import _shell
from ._library import VERSION, LibraryNotFoundError
from .client import Client
from .contact import Contact, ContactWay
from .errors import ContactVerifyError
from .result import Result, Status
from .success import CodeSent, NeedVerify

# Every other status exits with 3.
EXIT_STATUSES = {Status.OK: 0, Status.REJECTED: 1, Status.INVALID_ARGUMENT: 2}

# What somebody may take for an option, and where it belongs.
SECRETS = {
    "--token": f"{_shell.TOKEN_VARIABLE}, or into a file for --token-file",
    "--password": _shell.LOGIN_VARIABLES[2],
    "--secret-key": "HUAWEICLOUD_SDK_SK",
}

# The setting, and the field of what is wrong with what was found by it.
_FOUND = "credentials_from_environment"

Outcome = Union[Result, CodeSent, NeedVerify, "list[Contact]"]


class _SecretOnTheCommandLine(argparse.Action):
    """Refuses a secret without repeating it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: object,
        _values: object,
        option: str | None = None,
    ) -> NoReturn:
        parser.error(
            "a secret on the command line can be seen by everybody on this machine: "
            f"put it into {SECRETS[option or '']}"
        )


def _parser() -> argparse.ArgumentParser:
    script = Path(sys.argv[0]).name == "contactverify"
    program = "contactverify" if script else "python -m contactverify"
    parser = argparse.ArgumentParser(prog=program, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    ways = [way.name.lower() for way in ContactWay]
    for name, help_text in (
        ("send", "have a code sent to a contact"),
        ("verify", "ask the service whether a code is right"),
        ("need-verify", "ask whether a contact must be verified"),
        ("list", "list the contacts that are verified"),
    ):
        command = commands.add_parser(
            name,
            help=help_text,
            description="Prints OK and what the service told, or the name of another status and "
            "the service's error code. Exits with 0 for OK, 1 for REJECTED, 2 for a mistake in "
            "the arguments, 3 for everything else.",
            epilog=_shell.HELP,
            allow_abbrev=False,
        )
        mandatory = name != "list"
        command.add_argument(
            "--contact", required=mandatory, help="a phone number or e-mail address"
        )
        command.add_argument("--way", required=mandatory, choices=ways)
        command.add_argument("--area-code", metavar="NUMBER", help="of a phone number, such as 86")
        if name == "verify":
            command.add_argument(
                "--code", help="the one-time code, 6 characters; a terminal is asked for it"
            )
        command.add_argument("--endpoint", metavar="URL", help="https://host[:port]")
        command.add_argument("--region", metavar="NAME", help="in place of an endpoint")
        command.add_argument(
            "--token-file", metavar="FILE", help='holds a token; "-" is standard input'
        )
        for secret in SECRETS:
            command.add_argument(
                secret, nargs="?", action=_SecretOnTheCommandLine, help=argparse.SUPPRESS
            )
        command.add_argument("--iam-endpoint", metavar="URL", help="default: the region's")
        command.add_argument("--iam-project", metavar="NAME", help="default: the whole account")
        command.add_argument("--domain-id", metavar="ID", help="told in signed requests")
        command.add_argument("--project-id", metavar="ID", help="told likewise, and to IAM")
        command.add_argument("--timeout", type=float, metavar="SECONDS", help="default: 10")
        command.add_argument("--ca-file", metavar="FILE", help="PEM file with authorities to trust")
        command.add_argument("--json", action="store_true", help="print all that is known as JSON")
    return parser


def _ask(arguments: argparse.Namespace, credentials: dict[str, Any]) -> Outcome:
    with Client(
        arguments.endpoint,
        region=arguments.region,
        **credentials,
        iam_endpoint=arguments.iam_endpoint,
        iam_project=arguments.iam_project,
        domain_id=arguments.domain_id,
        project_id=arguments.project_id,
        timeout=arguments.timeout,
        ca_file=arguments.ca_file,
    ) as client:
        contact, area_code = arguments.contact, arguments.area_code
        if arguments.command == "list":
            way = None if arguments.way is None else ContactWay[arguments.way.upper()]
            listed = client.iter_verified(
                contact_value=contact, contact_way=way, area_code=area_code
            )
            return list(listed)
        way = ContactWay[arguments.way.upper()]
        if arguments.command == "send":
            return client.send_code(contact, way, area_code or "")
        if arguments.command == "need-verify":
            return client.need_verify(contact, way, area_code=area_code)
        code = _asked_for_code() if arguments.code is None else arguments.code
        return client.verify_codes(code, contact, way, area_code=area_code)


def _asks_in_vain(arguments: argparse.Namespace) -> bool:
    missing = arguments.command == "verify" and arguments.code is None
    return missing and not (sys.stdin and sys.stdin.isatty())


def _asked_for_code() -> str:
    # Standard output is for the verdict.
    print("code: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.buffer.readline().decode("utf-8", "replace").strip()


def _lines(outcome: Outcome) -> Iterator[str]:
    """For a person, and easily cut into words."""
    if isinstance(outcome, Result):
        yield f"{outcome.status.name} {outcome.error_code}".rstrip()
    elif isinstance(outcome, NeedVerify):
        meaning = "needed" if outcome.needed else "not needed"
        told = f" expire_time={outcome.expire_time}" if outcome.expire_time else ""
        yield f"OK need_verify_code={outcome.need_verify_code} ({meaning}){told}"
    elif isinstance(outcome, CodeSent):
        yield "OK"
    else:
        yield f"OK total={len(outcome)}"
        for contact in outcome:
            area = f" area_code={contact.area_code}" if contact.area_code else ""
            number = f" verified_id={contact.verified_id}" if contact.verified_id else ""
            yield f"{_way(contact) or 'unknown'} {contact.contact_value}{area}{number}"


def _members(outcome: Outcome) -> dict[str, Any]:
    """For a program."""
    if isinstance(outcome, list):
        contacts = [{**dataclasses.asdict(each), "contact_way": _way(each)} for each in outcome]
        return {"status": Status.OK.name, "total": len(contacts), "contacts": contacts}
    members = dataclasses.asdict(outcome)
    if isinstance(outcome, Result):
        return {**members, "status": outcome.status.name, "sent": outcome.sent.name}
    if isinstance(outcome, NeedVerify):
        members["needed"] = outcome.needed
    return {"status": Status.OK.name, **members}


def _way(contact: Contact) -> str | int | None:
    way = contact.contact_way
    return way.name.lower() if isinstance(way, ContactWay) else way


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and answers with its exit status."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if _asks_in_vain(parsed):
        parser.error("--code is missing, and standard input is no terminal to ask for it")
    credentials: dict[str, Any] = {}
    outcome: Outcome
    try:
        credentials = _shell.credentials(parsed.token_file)
        outcome = _ask(parsed, credentials)
    except ContactVerifyError as error:
        outcome = error.result
    except LibraryNotFoundError as error:
        print(error, file=sys.stderr)
        return 3
    output: object = sys.stdout
    if isinstance(output, io.TextIOWrapper):
        # The service's texts may hold what a terminal's encoding does not know.
        output.reconfigure(errors="backslashreplace")
    if parsed.json:
        print(json.dumps(_members(outcome)))
    else:
        print(*_lines(outcome), sep="\n")
    if not isinstance(outcome, Result):
        return 0
    if not outcome and not parsed.json:
        print(outcome.message, file=sys.stderr)
        if _FOUND in credentials and outcome.field in (_FOUND, "auth_token"):
            print(_shell.HELP, file=sys.stderr)
    return EXIT_STATUSES.get(outcome.status, 3)


def command() -> NoReturn:
    """The program ``contactverify``."""
    # Ctrl-C ends the program at once, not when the call ends.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())


if __name__ == "__main__":
    command()

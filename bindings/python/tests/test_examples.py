"""The programs in examples/, run as they stand there."""

from __future__ import annotations

import csv
import importlib.util
import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from service import (
    CONTACT,
    PATHS,
    REJECTED,
    VERIFIED,
    Request,
    Service,
    closed_endpoint,
    join_aio_threads,
    reply,
    run,
)

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MISSING = [name for name in ("fastapi", "httpx2") if importlib.util.find_spec(name) is None]
if MISSING:
    print(f"test_examples: skipped: not installed: {', '.join(MISSING)}", file=sys.stderr)


def environment(endpoint: str) -> dict[str, str]:
    return {
        "HUAWEICLOUD_SDK_AK": "key",
        "HUAWEICLOUD_SDK_SK": "secret",
        "HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1": endpoint,
    }


@unittest.skipIf(MISSING, f"skipped: not installed: {', '.join(MISSING)}")
class SignUp(unittest.TestCase):
    def ask(self, endpoint: str, path: str, body: dict[str, str]) -> tuple[int, Any]:
        from fastapi.testclient import TestClient

        specification = importlib.util.spec_from_file_location("sign_up", EXAMPLES / "sign_up.py")
        assert specification is not None and specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        with mock.patch.dict(sys.modules, sign_up=module):
            with mock.patch.dict(os.environ, environment(endpoint)):
                specification.loader.exec_module(module)
                with TestClient(module.app) as client:
                    answer = client.post(path, json=body)
        join_aio_threads()
        return answer.status_code, answer.json()["detail"]

    def test_sign_up(self) -> None:
        typed = {"email": CONTACT, "code": "135790"}
        for answer, status, said in (
            (VERIFIED, 201, "Welcome."),
            (REJECTED, 403, "This code is wrong, used or expired."),
            (reply(503), 503, "This does not work at the moment. Have a new code sent."),
        ):
            with Service(answer) as service:
                got = self.ask(service.endpoint, "/sign-ups", typed)
                self.assertEqual(got, (status, said))
                (request,) = service.requests
                self.assertEqual(request.path, PATHS["verify_codes"])
                self.assertEqual(request.body["contact_value"], CONTACT)
        got = self.ask(closed_endpoint(), "/sign-ups", typed)
        self.assertEqual(got, (503, "This does not work at the moment. Try again."))
        got = self.ask(closed_endpoint(), "/sign-ups", {**typed, "code": "1"})
        self.assertEqual(got, (422, "verify_code is not valid."))

    def test_send(self) -> None:
        for answer, status in (
            (VERIFIED, 202),
            (reply(body={"error_code": "OSM.01010024"}), 429),
            (REJECTED, 503),
        ):
            with Service(answer) as service:
                got = self.ask(service.endpoint, "/codes", {"email": CONTACT})
                self.assertEqual(got[0], status)
                self.assertEqual([each.path for each in service.requests], [PATHS["send_code"]])


class Batch(unittest.TestCase):
    def test_batch(self) -> None:
        def answer(request: Request) -> bytes:
            number = int(request.query["contact_value"].partition("@")[0])
            if number == 77:
                return reply(503, {"error_code": "APIGW.0001"})
            return reply(body={"need_verify_code": number % 2})

        with Service(answer) as service, tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "addresses")
            file.write_text("".join(f"{number}@b\n" for number in range(100)))
            done = run(
                *("-W", "error", str(EXAMPLES / "batch.py"), str(file)),
                environment={**environment(service.endpoint)},
            )
        told = dict(csv.reader(done.stdout.splitlines()))
        expected = {f"{n}@b": "must be verified" if n % 2 else "verified" for n in range(100)}
        self.assertEqual(told, {**expected, "77@b": "SERVICE_ERROR APIGW.0001"})
        self.assertEqual(done.returncode, 1)
        # Each overwrites the one before; read as text, a return is the end of a line.
        progress = done.stderr.split("\n")
        self.assertEqual(progress[1:-1], [f"{number} of 100" for number in range(1, 101)])
        self.assertEqual(len(service.requests), 100)


if __name__ == "__main__":
    unittest.main()

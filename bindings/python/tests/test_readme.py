"""The examples of README.md, run as they stand there but for the address."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

from service import CONTACT, PATHS, REJECTED, TOKEN, VERIFIED, Service, answer_all, execute, run

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
KEY = {"HUAWEICLOUD_SDK_AK": "key", "HUAWEICLOUD_SDK_SK": "secret"}
ENDPOINT = "https://osm.cn-south-1.myhuaweicloud.com"


def example(language: str, service: Service, position: int = 0) -> str:
    """A block in a language, among those of it."""
    found = re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    assert ENDPOINT in found[position]
    return str(found[position]).replace(ENDPOINT, service.endpoint)


class Readme(unittest.TestCase):
    def test_python(self) -> None:
        for answer, said in (
            (VERIFIED, r"verified"),
            (REJECTED, r"not verified: OSM\.01010010"),
            (None, r"no verdict: .+ - sent: MAYBE"),
        ):
            with Service(answer) as service:
                done = run(
                    *("-c", example("python", service)),
                    environment={"CONTACTVERIFY_TOKEN": TOKEN},
                )
            self.assertRegex(done.stdout, rf"\A{said}\n\Z")
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_credentials(self) -> None:
        with Service() as service:
            # Only a host of the cloud's tells which IAM knows the account. Nobody is called.
            script = example("python", service, 1).replace(service.endpoint, ENDPOINT)
            made = script.count("client = Client(")
            done = run(
                *("-c", script.replace("client = ", "print('made'); client = ")),
                environment={
                    "CONTACTVERIFY_TOKEN": TOKEN,
                    **dict.fromkeys(("MY_PASSWORD", "MY_AK", "MY_SK"), "secret"),
                    **KEY,
                },
            )
        self.assertEqual((done.stdout, done.stderr), ("made\n" * made, ""))
        self.assertEqual(made, 4)

    def test_the_other_calls(self) -> None:
        with Service(answer_all) as service:
            done = run("-c", example("python", service, 2), environment={**KEY})
        self.assertEqual((done.stdout, done.stderr), (f"{CONTACT}\n", ""))
        asked = [request.path for request in service.requests]
        self.assertEqual(asked, [PATHS[n] for n in ("need_verify", "send_code", "list_verified")])

    def test_asyncio(self) -> None:
        with Service(answer_all) as service:
            done = run("-W", "error", "-c", example("python", service, 3), environment={**KEY})
        said = f"{CONTACT} must be verified\nbob@example.com must be verified\n{CONTACT}\n"
        self.assertEqual((done.stdout, done.stderr), (said, ""))

    def test_shell(self) -> None:
        with Service() as service:
            script = example("sh", service, 1).replace("python3", sys.executable)
            done = execute("sh", "-ec", script)
        self.assertEqual((done.stdout, done.stderr), ("OK\n", ""))


if __name__ == "__main__":
    unittest.main()

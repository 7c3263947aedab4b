"""The examples of README.md, run as they stand there but for the address."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

from service import REJECTED, TOKEN, VERIFIED, Service, execute, run

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
ENDPOINT = "https://osm.cn-south-1.myhuaweicloud.com"


def example(language: str, service: Service) -> str:
    """The first block in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    assert ENDPOINT in found[1]
    return found[1].replace(ENDPOINT, service.endpoint)


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

    def test_shell(self) -> None:
        with Service() as service:
            script = example("sh", service).replace("python3", sys.executable)
            done = execute("sh", "-ec", script)
        self.assertEqual((done.stdout, done.stderr), ("OK\n", ""))


if __name__ == "__main__":
    unittest.main()

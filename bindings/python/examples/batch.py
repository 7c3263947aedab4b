"""Asks for each address of a file whether it must be verified, and shows how far it is.

    python3 bindings/python/examples/batch.py addresses.txt > answers.csv

The answers go to standard output as they come, the progress to standard error. The exit status
is 1 if there was an address without an answer.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from contactverify import ContactVerifyError, ContactWay, RateLimitedError
from contactverify.aio import Client

# A call's deadline begins when it is awaited, so a batch does not await all of them at once.
AT_ONCE = 32


class Batch:
    """The addresses, and how far they are."""

    def __init__(self, client: Client, addresses: list[str]) -> None:
        """Begins nothing yet."""
        self.client = client
        self.waiting: Iterator[str] = iter(addresses)
        self.total = len(addresses)
        self.done = self.failed = 0
        self.answers = csv.writer(sys.stdout)

    async def run(self) -> None:
        """Works through the addresses, some at once."""
        await asyncio.gather(*(self.worker() for _ in range(AT_ONCE)))
        print(file=sys.stderr)

    async def worker(self) -> None:
        """Takes the next address until there is none; all workers share them."""
        for address in self.waiting:
            try:
                answer = await self.client.need_verify(address, ContactWay.EMAIL)
                self.answers.writerow([address, "must be verified" if answer else "verified"])
            except RateLimitedError as error:
                # Only this worker waits; the others will see for themselves.
                self.note_failure(address, error)
                await asyncio.sleep(error.retry_after or 1)
            except ContactVerifyError as error:
                self.note_failure(address, error)
            self.done += 1
            print(f"\r{self.done} of {self.total}", end="", file=sys.stderr, flush=True)

    def note_failure(self, address: str, error: ContactVerifyError) -> None:
        """An address without an answer. It can be asked for again: a question changes nothing."""
        self.failed += 1
        self.answers.writerow([address, f"{error.status.name} {error.error_code}".rstrip()])


async def main(file: str) -> int:
    """Runs the batch of a file."""
    addresses = Path(file).read_text("utf-8").split()
    async with Client(region="cn-south-1", credentials_from_environment=True) as client:
        batch = Batch(client, addresses)
        await batch.run()
    return 1 if batch.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))

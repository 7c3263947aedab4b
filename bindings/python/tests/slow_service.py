"""A stand-in for the service in a process of its own, which keeps callers waiting.

It prints its port, and ends when standard input does. A code that begins with "hang" is never
answered, every other one after the seconds of the argument.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextlib.contextmanager
def running(delay: float) -> Iterator[str]:
    """The endpoint of one that runs during the block."""
    command = [sys.executable, __file__, str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.communicate()


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
) -> None:
    # The caller goes away whenever it likes, and the end cancels what is left.
    gone = contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
    with gone, contextlib.closing(writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            if b'"hang' in body:
                await reader.read()
                return
            await asyncio.sleep(delay)
            writer.write(ANSWER)
            await writer.drain()


async def main(delay: float) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: converse(reader, writer, delay), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))

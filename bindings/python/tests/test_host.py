"""Programs that are hard on the library, through both clients: ``tests/suite/host.rs`` in short."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import unittest
from typing import Any

from service import Gate, Service, aio_client_for, call, client_for, join_aio_threads, run


class Signals(unittest.TestCase):
    def test_one_every_two_milliseconds_disturbs_no_call(self) -> None:
        arrived: list[int] = []
        former = signal.signal(signal.SIGALRM, lambda number, _: arrived.append(number))
        self.addCleanup(signal.signal, signal.SIGALRM, former)

        async def work(service: Service) -> list[Any]:
            async with aio_client_for(service) as client:
                return list(
                    await asyncio.gather(*(call(client, "verify_codes") for _ in range(200)))
                )

        with Service() as service, client_for(service) as client:
            signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
            try:
                while len(arrived) < 20:
                    self.assertTrue(call(client, "verify_codes"))
                self.assertTrue(all(asyncio.run(work(service))))
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            join_aio_threads()


class Scarcity(unittest.TestCase):
    def test_without_a_descriptor_nothing_connects_until_one_is_back(self) -> None:
        script = """
import asyncio, os, resource, sys
from contactverify import Client, ConnectFailedError
from contactverify.aio import Client as AioClient

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

def exhaust():
    taken = []
    try:
        while True: taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken

def release(taken):
    for each in taken: os.close(each)

async def work():
    async with AioClient(sys.argv[1], auth_token="token") as client:
        taken = exhaust()
        try:
            await client.verify_codes("123456", "a@b", 1)
        except ConnectFailedError as error:
            print(error.sent.name)
        release(taken)
        if await client.verify_codes("123456", "a@b", 1): print("verified")

with Client(sys.argv[1], auth_token="token") as client:
    taken = exhaust()
    try:
        client.verify_codes("123456", "a@b", 1)
    except ConnectFailedError as error:
        print(error.sent.name)
    release(taken)
    if client.verify_codes("123456", "a@b", 1): print("verified")
asyncio.run(work())
"""
        with Service() as service:
            done = run("-W", "error", "-c", script, service.endpoint)
        self.assertEqual((done.stdout, done.stderr), ("NO\nverified\n" * 2, ""))


class Interrupts(unittest.TestCase):
    def test_ctrl_c_leaves_a_program_of_asyncio_at_once(self) -> None:
        """Although the call has a minute, and nobody ever answers it."""
        gate = Gate()
        # Where the tests run as a job in the background, Ctrl-C is ignored, and its children
        # ignore it too.
        script = """
import asyncio, os, signal, sys
from contactverify.aio import Client

signal.signal(signal.SIGINT, signal.default_int_handler)

async def work():
    async with Client(sys.argv[1], auth_token="token", timeout=60) as client:
        call = asyncio.create_task(client.verify_codes("wait00", "a@b", 1))
        await client.verify_codes("123456", "a@b", 1)
        os.kill(os.getpid(), signal.SIGINT)
        await call

try:
    asyncio.run(work())
except KeyboardInterrupt:
    print("interrupted")
"""
        with Service(gate) as service:
            try:
                done = run("-W", "error", "-c", script, service.endpoint)
            finally:
                gate.open()
        self.assertEqual((done.stdout, done.stderr), ("interrupted\n", ""))

    def test_ctrl_c_during_a_call_that_logs_is_raised_when_the_call_has_ended(self) -> None:
        """Python handles it where it runs next: in the function for the call's log line."""
        gate = Gate()
        script = """
import os, signal, sys, threading
import contactverify

signal.signal(signal.SIGINT, signal.default_int_handler)
before = sys.unraisablehook
client = contactverify.Client(sys.argv[1], auth_token="token", timeout=60, log=lambda *_: None)

def interrupt():
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGINT)
    print("sent", flush=True)

threading.Thread(target=interrupt).start()
try:
    client.verify_codes("wait00", "a@b", 1)
    print("not interrupted")
except KeyboardInterrupt:
    print("interrupted", sys.unraisablehook is before)
print(bool(client.verify_codes("123456", "a@b", 1)))
"""
        with Service(gate) as service:
            command = [sys.executable, "-W", "error", "-c", script, service.endpoint]
            with subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as program:
                gate.wait_for(1)
                assert program.stdin is not None and program.stdout is not None
                program.stdin.write("\n")
                program.stdin.flush()
                self.assertEqual(program.stdout.readline(), "sent\n")
                gate.open()
                self.assertEqual(program.communicate(timeout=60), ("interrupted True\nTrue\n", ""))


if __name__ == "__main__":
    unittest.main()

"""Closing, threads, forks and the end of the program."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
import threading
import unittest
import warnings
from concurrent.futures import ThreadPoolExecutor

from contactverify import Client, InvalidArgumentError, ServiceError
from service import (
    REJECTED,
    TOKEN,
    VERIFIED,
    Gate,
    Request,
    Service,
    client_for,
    closed_endpoint,
    reply,
    run,
    verify,
    watched,
)


class Closing(unittest.TestCase):
    def test_a_closed_client_says_so(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            client = client_for(service)
            self.assertTrue(verify(client))
            self.assertEqual(len(freed), 0)
            client.close()
            client.close()
            self.assertEqual(len(freed), 1)
            with self.assertRaisesRegex(InvalidArgumentError, "closed") as caught:
                verify(client)
            self.assertEqual(caught.exception.field, "client")
            self.assertIn("closed", repr(client))

    def test_with_closes(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            with self.assertRaises(KeyError), client_for(service):
                raise KeyError
            self.assertEqual(len(freed), 1)

    def test_a_forgotten_client_is_freed(self) -> None:
        with Service() as service, watched("contactverify_client_free") as freed:
            client = client_for(service)
            self.assertTrue(verify(client))
            del client
            self.assertEqual(len(freed), 1)

    def test_an_exception_does_not_keep_the_client(self) -> None:
        with Service(reply(500)) as service, watched("contactverify_client_free") as freed:
            client = client_for(service)
            # Not with assertRaises, which clears what an exception keeps.
            try:
                verify(client)
                self.fail("there was no exception")
            except ServiceError as error:
                kept = error
            client.close()
            self.assertEqual(len(freed), 1)
            self.assertIsNotNone(kept.__traceback__)

    def test_closing_during_calls(self) -> None:
        gate = Gate()
        with Service(gate) as service, watched("contactverify_client_free") as freed:
            client = client_for(service)
            with gate.calls(client, 4) as results:
                client.close()
                with self.assertRaises(InvalidArgumentError):
                    verify(client)
                self.assertEqual(len(freed), 0)
            self.assertEqual([bool(result) for result in results], [True] * 4)
            self.assertEqual(len(freed), 1)

    def test_results_are_freed(self) -> None:
        with Service(reply(500)) as service, client_for(service) as client:
            with watched("verify_codes") as calls, watched("contactverify_result_free") as freed:
                for _ in range(3):
                    with self.assertRaises(ServiceError):
                        verify(client)
            self.assertEqual((len(calls), len(freed)), (3, 3))
            self.assertTrue(all(result for (result,) in freed))

    def test_a_client_is_not_copied(self) -> None:
        with Client(closed_endpoint()) as client:
            for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
                with self.assertRaisesRegex(TypeError, "cannot be copied or pickled"):
                    attempt(client)


class Threads(unittest.TestCase):
    def test_many_threads_share_a_client(self) -> None:
        def answer(request: Request) -> bytes:
            return VERIFIED if int(request.body["verify_code"]) % 3 else REJECTED

        with Service(answer) as service, client_for(service, timeout=60) as client:
            begin = threading.Barrier(16)

            def work(thread: int) -> int:
                begin.wait()
                codes = range(100_000 + thread * 50, 100_000 + thread * 50 + 50)
                return sum(bool(verify(client, verify_code=f"{n}")) == bool(n % 3) for n in codes)

            with ThreadPoolExecutor(16) as pool:
                right = list(pool.map(work, range(16)))
        self.assertEqual(right, [50] * 16)
        self.assertEqual(len({each.body["verify_code"] for each in service.requests}), 800)


class Forks(unittest.TestCase):
    def in_child(self, client: Client) -> int:
        """How a forked child ends that makes calls and closes: 0 if all went well."""
        with warnings.catch_warnings():
            # Python 3.12 warns of what is tested here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(30)
                if verify(client) and verify(client):
                    client.close()
                    status = 0
            finally:
                # Without the parent's test run going on here.
                os._exit(status)
        return os.waitpid(child, 0)[1]

    def test_both_sides_go_on(self) -> None:
        with Service() as service, client_for(service) as client:
            self.assertTrue(verify(client))
            self.assertEqual(self.in_child(client), 0)
            self.assertTrue(verify(client))
        self.assertEqual(len(service.requests), 4)
        self.assertEqual(service.connections, 2)

    def test_while_calls_are_under_way(self) -> None:
        gate = Gate()
        with Service(gate) as service, client_for(service, log=lambda *_: None) as client:
            with gate.calls(client, 4) as results:
                self.assertEqual(self.in_child(client), 0)
            self.assertEqual([bool(result) for result in results], [True] * 4)

    def test_a_child_does_not_wait_for_the_calls_of_its_parent(self) -> None:
        gate = Gate()
        script = """
import os, signal, sys, threading
from contactverify import Client
client = Client(sys.argv[1], auth_token="token", timeout=60, log=lambda *_: None)
def wait(): client.verify_codes("wait00", "a@b", 1)
threading.Thread(target=wait, daemon=True).start()
sys.stdin.readline()
child = os.fork()
if child == 0:
    signal.alarm(30)
else:
    print(os.waitpid(child, 0)[1], flush=True)
    os._exit(0)
"""
        command = [sys.executable, "-W", "ignore", "-c", script]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with (
            Service(gate) as service,
            subprocess.Popen(
                [*command, service.endpoint],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=variables,
            ) as parent,
        ):
            try:
                gate.wait_for(1)
                out, _ = parent.communicate("\n")
            finally:
                gate.open()
        self.assertEqual(out, "0\n")


class End(unittest.TestCase):
    def assert_silent(self, script: str) -> None:
        with Service() as service:
            done = run("-W", "error", "-c", script, service.endpoint, TOKEN)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "called\n"))

    BEGIN = """
import sys, threading
from contactverify import Client, LogLevel
def log(level, line): pass
client = Client(sys.argv[1], auth_token=sys.argv[2], log=log, log_level=LogLevel.DEBUG)
if client.verify_codes("123456", "a@b", 1): print("called")
"""

    def test_a_forgotten_client(self) -> None:
        self.assert_silent(self.BEGIN)

    def test_a_client_in_a_cycle(self) -> None:
        self.assert_silent(self.BEGIN + "client.me = client; log.client = client; del client")

    def test_a_client_that_outlives_the_modules(self) -> None:
        self.assert_silent(self.BEGIN + "import builtins; builtins.client = client")

    def test_daemon_threads_that_log(self) -> None:
        # Python unwinds a daemon thread that comes back from C while the interpreter ends.
        # Through the library's functions this would abort the program.
        self.assert_silent(
            self.BEGIN
            + """
busy = threading.Semaphore(0)
def work():
    while True:
        client.verify_codes("123456", "a@b", 1)
        busy.release()
for _ in range(8): threading.Thread(target=work, daemon=True).start()
for _ in range(100): assert busy.acquire(timeout=20)
"""
        )

    def test_daemon_threads_that_make_clients_that_log(self) -> None:
        # Making one logs, too: where credentials were found.
        self.assert_silent(
            self.BEGIN
            + """
import os
os.environ.update(HUAWEICLOUD_SDK_AK="a", HUAWEICLOUD_SDK_SK="s")
busy = threading.Semaphore(0)
def work():
    while True:
        Client(sys.argv[1], credentials_from_environment=True, log=lambda *_: busy.release())
for _ in range(8): threading.Thread(target=work, daemon=True).start()
for _ in range(100): assert busy.acquire(timeout=20)
"""
        )


if __name__ == "__main__":
    unittest.main()

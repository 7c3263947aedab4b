"""Log lines and their callback."""

from __future__ import annotations

import gc
import logging
import sys
import unittest
from typing import Any
from unittest import mock

from contactverify import Client, ConnectFailedError, LogLevel
from service import (
    CODE,
    CONTACT,
    REJECTED,
    TOKEN,
    Service,
    client_for,
    closed_endpoint,
    verify,
)


class LogTest(unittest.TestCase):
    def setUp(self) -> None:
        self.lines: list[tuple[LogLevel, str]] = []

    def take(self, level: LogLevel, line: str) -> None:
        self.lines.append((level, line))

    def test_one_line_per_request_without_secrets(self) -> None:
        with Service(REJECTED) as service, client_for(service, log=self.take) as client:
            verify(client)
        ((level, line),) = self.lines
        self.assertIs(level, LogLevel.INFO)
        self.assertRegex(
            line,
            r"^POST /v2/servicerequest/verifycodes REJECTED \d+ ms request_id=request-7$",
        )

    def test_no_level_shows_a_secret(self) -> None:
        with Service() as service:
            with client_for(service, log=self.take, log_level=LogLevel.DEBUG) as client:
                verify(client)
                verify(client)
        self.assertGreaterEqual(len(self.lines), 2)
        for _, line in self.lines:
            for secret in (TOKEN, CODE, CONTACT):
                self.assertNotIn(secret, line)

    def test_levels(self) -> None:
        for level, expected in ((LogLevel.OFF, 0), (LogLevel.ERROR, 0), (LogLevel.WARN, 1)):
            self.lines.clear()
            settings: dict[str, Any] = {"log": self.take, "log_level": level}
            with Client(closed_endpoint(), auth_token=TOKEN, **settings) as client:
                with self.assertRaises(ConnectFailedError):
                    verify(client)
            self.assertEqual(len(self.lines), expected, self.lines)

    def test_a_logger(self) -> None:
        logger = logging.getLogger("contactverify.test")
        with Service() as service, client_for(service, log=logger) as client:
            with self.assertLogs(logger, logging.INFO) as logged:
                verify(client)
        (record,) = logged.records
        self.assertEqual(record.levelno, logging.INFO)
        self.assertTrue(record.getMessage().startswith("POST "), record.getMessage())

    def test_what_the_callback_raises_changes_nothing(self) -> None:
        def fail(_level: LogLevel, _line: str) -> None:
            raise RuntimeError("as intended by this test")

        caught: list[Any] = []
        with Service() as service, client_for(service, log=fail) as client:
            with mock.patch.object(sys, "unraisablehook", caught.append):
                self.assertTrue(verify(client))
                self.assertTrue(verify(client))
        self.assertEqual([type(each.exc_value) for each in caught], [RuntimeError] * 2)

    def test_the_callback_lives_as_long_as_the_client(self) -> None:
        with Service() as service:
            with client_for(service, log=lambda level, line: self.take(level, line)) as client:
                gc.collect()
                verify(client)
        self.assertEqual(len(self.lines), 1)

    def test_the_callback_may_use_and_close_the_client(self) -> None:
        with Service() as service:

            def again(level: LogLevel, line: str) -> None:
                self.take(level, line)
                if len(self.lines) == 1:
                    self.assertTrue(verify(client))
                    client.close()

            client = client_for(service, log=again)
            self.assertTrue(verify(client))
        self.assertEqual(len(self.lines), 2)


if __name__ == "__main__":
    unittest.main()

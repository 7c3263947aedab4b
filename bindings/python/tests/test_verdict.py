"""What comes of a call: the verdicts and the exceptions."""

from __future__ import annotations

import copy
import pickle
import socket
import threading
import unittest
from collections.abc import Iterable
from typing import Any
from unittest import mock

from contactverify import (
    BadResponseError,
    BusyError,
    CallCancelledError,
    Client,
    ConnectFailedError,
    ConnectionLostError,
    ContactVerifyError,
    ContactWay,
    DeadlineError,
    ForbiddenError,
    InternalError,
    InvalidArgumentError,
    RateLimitedError,
    RejectedError,
    RequestRefusedError,
    Result,
    Sent,
    ServiceError,
    Status,
    TlsFailedError,
    UnauthorizedError,
    _library,
)
from contactverify.errors import error_for
from service import (
    CODE,
    CONTACT,
    MANDATORY,
    REJECTED,
    TOKEN,
    Request,
    Service,
    answer_all,
    call,
    client_for,
    closed_endpoint,
    reply,
    verify,
)

CLASSES: dict[Status, type[ContactVerifyError]] = {
    Status.INVALID_ARGUMENT: InvalidArgumentError,
    Status.BUSY: BusyError,
    Status.CANCELLED: CallCancelledError,
    Status.CONNECT_FAILED: ConnectFailedError,
    Status.TLS_FAILED: TlsFailedError,
    Status.TIMEOUT: DeadlineError,
    Status.CONNECTION_LOST: ConnectionLostError,
    Status.BAD_RESPONSE: BadResponseError,
    Status.REJECTED: RejectedError,
    Status.UNAUTHORIZED: UnauthorizedError,
    Status.FORBIDDEN: ForbiddenError,
    Status.RATE_LIMITED: RateLimitedError,
    Status.REQUEST_REFUSED: RequestRefusedError,
    Status.SERVICE_ERROR: ServiceError,
    Status.INTERNAL: InternalError,
}


class Verdicts(unittest.TestCase):
    def test_verified(self) -> None:
        answer = reply(body={"error_code": "", "extra": 1}, X_Request_Id="request-1")
        with Service(answer) as service, client_for(service) as client:
            result = client.verify_codes(CODE, CONTACT, ContactWay.EMAIL)
        self.assertIs(bool(result), True)
        self.assertEqual(
            result,
            Result(
                Status.OK,
                "verified",
                request_id="request-1",
                http_status=200,
                sent=Sent.ANSWERED,
                attempts=1,
            ),
        )
        (request,) = service.requests
        self.assertEqual(request.path, "/v2/servicerequest/verifycodes")
        self.assertEqual(request.headers["x-auth-token"], TOKEN)
        self.assertEqual(
            request.body, {"verify_code": CODE, "contact_value": CONTACT, "contact_way": 1}
        )

    def test_everything_that_can_be_given_arrives(self) -> None:
        settings = {"language": "en-us", "time_zone": "GMT+1", "application_id": "shop/2"}
        with Service() as service, client_for(service, site=1, **settings) as client:
            verify(client)
            verify(
                client,
                contact_way=0,
                area_code="86",
                x_customer_id="sub",
                customer_id="",
                auth_token="another",
                language="zh-cn",
                time_zone="GMT+8",
                timeout=30,
            )
        first, second = service.requests
        for name, of_client, of_call in (
            ("x-auth-token", TOKEN, "another"),
            ("x-language", "en-us", "zh-cn"),
            ("x-time-zone", "GMT+1", "GMT+8"),
            ("x-site", "1", "1"),
            ("user-agent", "contactverify/0.1.0 shop/2", "contactverify/0.1.0 shop/2"),
        ):
            self.assertEqual(first.headers[name], of_client)
            self.assertEqual(second.headers[name], of_call)
        self.assertEqual(
            second.body,
            {
                "verify_code": CODE,
                "contact_value": CONTACT,
                "contact_way": 0,
                "area_code": "86",
                "x_customer_id": "sub",
                "customer_id": "",
            },
        )

    def test_a_refused_code_is_a_result_and_false(self) -> None:
        with Service(REJECTED) as service, client_for(service) as client:
            result = verify(client)
        self.assertIs(bool(result), False)
        self.assertIs(result.verified, False)
        self.assertIs(result.status, Status.REJECTED)
        self.assertEqual(result.error_code, "OSM.01010010")
        self.assertEqual(result.error_msg, "Verification failed.")
        self.assertEqual(result.request_id, "request-7")
        self.assertEqual(result.http_status, 200)
        self.assertIs(result.sent, Sent.ANSWERED)

    def test_the_configured_code_is_success(self) -> None:
        with Service(reply(body={"error_code": "OSM.0"})) as service:
            with client_for(service, success_code="OSM.0") as client:
                self.assertTrue(verify(client))
            with client_for(service) as client:
                self.assertFalse(verify(client))

    def test_only_ok_is_true(self) -> None:
        self.assertEqual([s for s in Status if Result(s, "")], [Status.OK])

    def test_a_result_never_changes(self) -> None:
        with self.assertRaises(AttributeError):
            Result(Status.REJECTED, "").status = Status.OK  # type: ignore[misc]


class Failures(unittest.TestCase):
    def assert_raises(
        self, answer: Any, status: Status, sent: Sent = Sent.ANSWERED, **settings: Any
    ) -> ContactVerifyError:
        with Service(answer) as service, client_for(service, **settings) as client:
            return self.assert_calls_raise(client, status, sent)

    def assert_calls_raise(
        self, client: Client, status: Status, sent: Sent, calls: Iterable[str] = MANDATORY
    ) -> ContactVerifyError:
        for name in calls:
            with self.subTest(name):
                with self.assertRaises(ContactVerifyError) as caught:
                    call(client, name)
                error = caught.exception
                self.assertIs(type(error), CLASSES[status])
                self.assertIs(error.status, status)
                self.assertIs(error.sent, sent)
                self.assertEqual(str(error), error.message)
                self.assertNotEqual(error.message, "")
                self.assertIs(bool(error.result), False)
        return error

    def test_http_statuses(self) -> None:
        for http_status, status in (
            (401, Status.UNAUTHORIZED),
            (403, Status.FORBIDDEN),
            (429, Status.RATE_LIMITED),
            (302, Status.REQUEST_REFUSED),
            (404, Status.REQUEST_REFUSED),
            (500, Status.SERVICE_ERROR),
            (503, Status.SERVICE_ERROR),
            (204, Status.BAD_RESPONSE),
        ):
            with self.subTest(http_status):
                error = self.assert_raises(reply(http_status, b""), status)
                self.assertEqual(error.http_status, http_status)
                self.assertEqual(error.attempts, 1)
                self.assertIsNone(error.retry_after)

    def test_details(self) -> None:
        body = {"error_code": "APIGW.0308", "error_msg": "Throttled.", "request_id": "request-9"}
        error = self.assert_raises(reply(429, body, Retry_After="7"), Status.RATE_LIMITED)
        self.assertEqual(error.error_code, "APIGW.0308")
        self.assertEqual(error.error_msg, "Throttled.")
        self.assertEqual(error.request_id, "request-9")
        self.assertEqual(error.retry_after, 7.0)
        self.assertEqual(error.field, "")

    def test_bad_answers(self) -> None:
        for answer, sent in (
            (b"SSH-2.0-server\r\n\r\n", Sent.MAYBE),
            (reply(body=b""), Sent.ANSWERED),
            (reply(body={"error_code": 1}), Sent.ANSWERED),
        ):
            with self.subTest(answer):
                self.assert_raises(answer, Status.BAD_RESPONSE, sent)

    def test_an_answer_that_breaks_off(self) -> None:
        self.assert_raises(None, Status.CONNECTION_LOST, Sent.MAYBE)

    def test_a_refusal_of_all_but_a_code(self) -> None:
        with Service(REJECTED) as service, client_for(service) as client:
            calls = set(MANDATORY) - {"verify_codes"}
            error = self.assert_calls_raise(client, Status.REJECTED, Sent.ANSWERED, calls)
        self.assertEqual(error.error_code, "OSM.01010010")
        self.assertEqual(error.error_msg, "Verification failed.")
        self.assertEqual(error.request_id, "request-7")
        self.assertEqual(error.http_status, 200)

    def test_nobody_listens(self) -> None:
        with Client(closed_endpoint(), auth_token=TOKEN) as client:
            error = self.assert_calls_raise(client, Status.CONNECT_FAILED, Sent.NO)
        self.assertEqual(error.attempts, 2)
        with Client(closed_endpoint(), auth_token=TOKEN, retries=0) as client:
            error = self.assert_calls_raise(client, Status.CONNECT_FAILED, Sent.NO)
        self.assertEqual(error.attempts, 1)

    def test_the_deadline(self) -> None:
        over = threading.Event()

        def wait(_: Request) -> None:
            over.wait()

        with Service(wait) as service, client_for(service, timeout=0.05) as client:
            try:
                error = self.assert_calls_raise(client, Status.TIMEOUT, Sent.MAYBE)
            finally:
                over.set()
            self.assertIsInstance(error, TimeoutError)

    def test_no_tls(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer() -> None:
                for _ in MANDATORY:
                    with listener.accept()[0] as connection:
                        connection.recv(4096)
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            endpoint = f"https://127.0.0.1:{listener.getsockname()[1]}"
            with Client(endpoint, auth_token=TOKEN) as client:
                self.assert_calls_raise(client, Status.TLS_FAILED, Sent.NO)
            thread.join()

    def test_each_status_has_its_class(self) -> None:
        self.assertEqual(set(CLASSES) | {Status.OK}, set(Status))
        for status, kind in CLASSES.items():
            self.assertIs(type(error_for(Result(status, ""))), kind)
        self.assertTrue(issubclass(InvalidArgumentError, ValueError))

    def test_exceptions_can_be_pickled_and_copied(self) -> None:
        result = Result(Status.OK, "a sentence", "a", "b", "c", "d", 5, Sent.MAYBE, 2, 1.5)
        for kind in CLASSES.values():
            for error in (pickle.loads(pickle.dumps(kind(result))), copy.copy(kind(result))):
                self.assertIs(type(error), kind)
                self.assertEqual(error.result, result)
                self.assertEqual(str(error), "a sentence")
                for name, value in vars(result).items():
                    self.assertEqual(getattr(error, name), value)


def every_call_ends_in(status: int) -> dict[str, Any]:
    functions = {"verify_codes", *(f"contactverify_{name}" for name in MANDATORY)}
    functions.discard("contactverify_verify_codes")
    return {name: lambda *_: status for name in functions}


class BrokenLibrary(unittest.TestCase):
    """A library that contradicts itself, or is newer, never verifies anything."""

    def assert_internal(self, **replaced: Any) -> ContactVerifyError:
        with Service(answer_all) as service, client_for(service) as client:
            for name in MANDATORY:
                self.assertTrue(call(client, name))
                with (
                    mock.patch.multiple(_library.load(), **replaced),
                    self.assertRaises(InternalError) as caught,
                ):
                    call(client, name)
                self.assertIs(caught.exception.status, Status.INTERNAL)
                self.assertIs(caught.exception.sent, Sent.MAYBE)
        return caught.exception

    def test_an_unknown_status(self) -> None:
        error = self.assert_internal(
            **every_call_ends_in(77), contactverify_result_status=lambda _: 77
        )
        self.assertIn("77", str(error))

    def test_two_statuses(self) -> None:
        self.assert_internal(contactverify_result_status=lambda _: 40)

    def test_ok_without_a_result(self) -> None:
        self.assert_internal(**every_call_ends_in(0))

    def test_an_unknown_way_of_sending_may_have_been_sent(self) -> None:
        with Service(reply(500)) as service, client_for(service) as client:
            replaced = mock.patch.multiple(_library.load(), contactverify_result_sent=lambda _: 9)
            with replaced, self.assertRaises(ServiceError) as caught:
                verify(client)
        self.assertIs(caught.exception.sent, Sent.MAYBE)


if __name__ == "__main__":
    unittest.main()

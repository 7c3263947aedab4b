"""The calls beside the verification: what goes out, and what comes back."""

from __future__ import annotations

import copy
import pickle
import unittest
from collections.abc import Iterable
from typing import Any

from contactverify import (
    BadResponseError,
    Client,
    CodeSent,
    Contact,
    ContactWay,
    InvalidArgumentError,
    NeedVerify,
    ServiceError,
    VerifiedContacts,
)
from service import (
    CONTACT,
    LISTED,
    MANDATORY,
    NEEDED,
    PATHS,
    TOKEN,
    VERIFIED,
    Request,
    Service,
    answer_all,
    call,
    client_for,
    reply,
    watched,
)

# What a query must not carry as it is, and what it must not be mistaken for.
STRANGE = "+86 ü/?&=%~*#"


class Requests(unittest.TestCase):
    def one_request(self, name: str, **parameters: Any) -> Request:
        with Service(answer_all) as service, client_for(service) as client:
            call(client, name, **parameters)
        (request,) = service.requests
        self.assertEqual(request.path, PATHS[name])
        self.assertEqual(request.headers["x-auth-token"], TOKEN)
        return request

    def test_send_code(self) -> None:
        request = self.one_request("send_code")
        self.assertEqual(request.method, "POST")
        expected = {"contact_value": CONTACT, "contact_way": 1, "area_code": ""}
        self.assertEqual(request.body, expected)
        # As positions, and for a phone.
        with Service() as service, client_for(service) as client:
            client.send_code("13800000000", ContactWay.SMS, "86")
        expected = {"contact_value": "13800000000", "contact_way": 0, "area_code": "86"}
        self.assertEqual(service.requests[0].body, expected)

    def test_need_verify(self) -> None:
        request = self.one_request("need_verify")
        self.assertEqual(request.method, "GET")
        self.assertEqual(request.query, {"contact_value": CONTACT, "contact_way": "1"})
        request = self.one_request("need_verify", contact_value=STRANGE, area_code="")
        expected = {"contact_value": STRANGE, "contact_way": "1", "area_code": ""}
        self.assertEqual(request.query, expected)

    def test_list_verified(self) -> None:
        request = self.one_request("list_verified")
        self.assertEqual(request.method, "GET")
        self.assertEqual(request.target, PATHS["list_verified"])
        texts = {
            "contact_value": STRANGE,
            "area_code": "86",
            "customer_id": "",
            "sub_customer_id": "sub",
            "verified_id": "v&1",
            "expired_time": "2026-01-01T00:00:00Z",
        }
        request = self.one_request("list_verified", **texts, contact_way=0, offset=0, limit=5)
        self.assertEqual(request.query, {**texts, "contact_way": "0", "offset": "0", "limit": "5"})

    def test_headers(self) -> None:
        settings = {"language": "en-us", "time_zone": "GMT+1", "application_id": "shop/2"}
        of_call = {"auth_token": "another", "language": "zh-cn", "time_zone": "GMT+8"}
        with Service(answer_all) as service, client_for(service, site=1, **settings) as client:
            for name in MANDATORY:
                call(client, name)
                call(client, name, **of_call, timeout=30)
        for position, request in enumerate(service.requests):
            own = position % 2 == 1
            for header, expected in (
                ("x-auth-token", "another" if own else TOKEN),
                ("x-language", "zh-cn" if own else "en-us"),
                ("x-time-zone", "GMT+8" if own else "GMT+1"),
                ("x-site", "1"),
                ("content-type", "application/json"),
                ("user-agent", "contactverify/0.1.0 shop/2"),
            ):
                self.assertEqual(request.headers[header], expected, request.target)


class Answers(unittest.TestCase):
    def answered(self, name: str, body: object, **parameters: Any) -> Any:
        answer = reply(body=body, X_Request_Id="request-1")
        with Service(answer) as service, client_for(service) as client:
            return call(client, name, **parameters)

    def test_send_code(self) -> None:
        sent = self.answered("send_code", {"error_code": ""})
        self.assertEqual(sent, CodeSent(request_id="request-1", attempts=1))
        # It is no verdict, and cannot be mistaken for one.
        self.assertFalse(hasattr(sent, "verified"))

    def test_need_verify(self) -> None:
        for number, needed in ((0, False), (1, True), (2, True), (-1, True)):
            answer = self.answered("need_verify", {"need_verify_code": number})
            self.assertEqual(answer, NeedVerify("request-1", 1, number, ""))
            self.assertIs(answer.needed, needed)
            self.assertIs(bool(answer), needed)
        answer = self.answered("need_verify", {"need_verify_code": 0, "expire_time": "später\n"})
        self.assertEqual(answer.expire_time, "später\ufffd")

    def test_list_verified(self) -> None:
        items = [
            {"contact_way": 0, "contact_value": "138", "area_code": "86", "verified_id": "v-1"},
            {"contact_way": 1, "contact_value": "é@b"},
            {"contact_way": 7, "verified_id": None},
            {},
        ]
        page = self.answered("list_verified", {"count": 4294967295, "contact_list": items})
        self.assertEqual(page.total, 4294967295)
        self.assertEqual(
            page.contacts,
            (
                Contact(ContactWay.SMS, "138", "86", "v-1"),
                Contact(ContactWay.EMAIL, "é@b", "", ""),
                Contact(7, "", "", ""),
                Contact(None, "", "", ""),
            ),
        )
        self.assertIsInstance(page.contacts[0].contact_way, ContactWay)
        self.assertEqual(tuple(page), page.contacts)
        self.assertEqual((len(page), bool(page)), (4, True))
        self.assertEqual((page.request_id, page.attempts), ("request-1", 1))

    def test_no_contact_is_false(self) -> None:
        # So that `if client.list_verified(contact_value=...)` asks what it seems to ask.
        page = self.answered("list_verified", {"count": 9, "contact_list": []}, offset=9)
        self.assertEqual(page, VerifiedContacts("request-1", 1, 9, ()))
        self.assertIs(bool(page), False)

    def test_what_is_not_documented_is_refused(self) -> None:
        contact = {"contact_way": 1, "contact_value": CONTACT}
        for name, body in (
            ("need_verify", {}),
            ("need_verify", {"need_verify_code": "1"}),
            ("need_verify", {"need_verify_code": True}),
            ("need_verify", {"need_verify_code": 1, "expire_time": 5}),
            ("list_verified", {"contact_list": []}),
            ("list_verified", {"count": 1}),
            ("list_verified", {"count": -1, "contact_list": []}),
            ("list_verified", {"count": "1", "contact_list": [contact]}),
            ("list_verified", {"count": 1, "contact_list": contact}),
            ("list_verified", {"count": 1, "contact_list": [[CONTACT]]}),
            ("list_verified", {"count": 1, "contact_list": [{"contact_value": 138}]}),
        ):
            with self.subTest(name, body=body):
                with self.assertRaises(BadResponseError) as caught:
                    self.answered(name, body)
                self.assertNotIn(CONTACT, str(caught.exception))

    def test_each_result_is_freed(self) -> None:
        with Service(answer_all) as service, client_for(service) as client:
            for name in MANDATORY:
                with watched("contactverify_result_free") as freed:
                    call(client, name)
                self.assertEqual(len(freed), 1)
                self.assertTrue(freed[0][0])

    def test_answers_never_change_and_can_be_copied(self) -> None:
        for name, answer in (("send_code", VERIFIED), ("need_verify", NEEDED)):
            with Service(answer) as service, client_for(service) as client:
                value = call(client, name)
            with self.assertRaises(AttributeError):
                value.attempts = 2
            self.assertEqual(pickle.loads(pickle.dumps(value)), value)
            self.assertEqual(copy.copy(value), value)

    def test_no_repr_and_no_line_tells_whose_it_is(self) -> None:
        lines: list[str] = []
        settings = {"log": lambda _level, line: lines.append(line), "log_level": 4}
        with Service(answer_all) as service, client_for(service, **settings) as client:
            shown = [
                repr(call(client, name, contact_value=CONTACT))
                for name in ("send_code", "need_verify", "list_verified")
            ]
        self.assertIn("verified_id='v-1'", shown[-1])
        self.assertGreaterEqual(len(lines), 3)
        for text in (*shown, *lines):
            # Also not as a query has it.
            self.assertNotIn("alice", text)
            self.assertNotIn(TOKEN, text)


class Pages(unittest.TestCase):
    """``iter_verified``, against services of all kinds."""

    def listed(self, request: Request, total: int, most: int = 10) -> bytes:
        """The portion of a service that holds this many contacts."""
        offset, limit = int(request.query["offset"]), int(request.query.get("limit", most))
        chosen = range(offset, min(offset + min(limit, most), total))
        return reply(body={"count": total, "contact_list": self.items(chosen)})

    def items(self, ids: Iterable[object]) -> list[dict[str, object]]:
        return [{"contact_way": 1, "verified_id": str(each)} for each in ids]

    def all_of(self, answer: Any, **wanted: Any) -> tuple[list[str], list[Request]]:
        with Service(answer) as service, client_for(service) as client:
            found = [contact.verified_id for contact in client.iter_verified(**wanted)]
        return found, service.requests

    def test_all_of_them_in_order(self) -> None:
        for total, size, expected in (
            (0, 3, [0]),
            (1, 3, [0]),
            (3, 3, [0]),
            (7, 3, [0, 3, 6]),
            (25, None, [0, 10, 20]),
            # The service gives less than was asked for.
            (25, 100, [0, 10, 20]),
        ):
            with self.subTest(total=total, size=size):
                found, requests = self.all_of(
                    lambda request, total=total: self.listed(request, total), page_size=size
                )
                self.assertEqual(found, [str(number) for number in range(total)])
                self.assertEqual([int(each.query["offset"]) for each in requests], expected)
                sizes = {each.query.get("limit") for each in requests}
                self.assertEqual(sizes, {None if size is None else str(size)})

    def test_what_narrows_the_list_goes_with_every_portion(self) -> None:
        wanted = {
            "contact_value": CONTACT,
            "contact_way": 1,
            "area_code": "86",
            "customer_id": "c",
            "sub_customer_id": "s",
            "verified_id": "v",
            "expired_time": "e",
        }
        headers = {"auth_token": "another", "language": "en-us", "time_zone": "GMT+1"}
        _, requests = self.all_of(
            lambda request: self.listed(request, 5), **wanted, **headers, page_size=4, timeout=30
        )
        self.assertEqual(len(requests), 2)
        for request, offset in zip(requests, ("0", "4")):
            expected = {**wanted, "contact_way": "1", "offset": offset, "limit": "4"}
            self.assertEqual(request.query, expected)
            self.assertEqual(request.headers["x-auth-token"], "another")
            self.assertEqual(request.headers["x-language"], "en-us")
            self.assertEqual(request.headers["x-time-zone"], "GMT+1")

    def test_a_service_whose_list_begins_at_1(self) -> None:
        def from_1(request: Request) -> bytes:
            offset, limit = int(request.query["offset"]), int(request.query["limit"])
            first = max(offset, 1)
            chosen = range(first, min(first + limit, 11))
            return reply(body={"count": 10, "contact_list": self.items(chosen)})

        for size in range(1, 12):
            found, _ = self.all_of(from_1, page_size=size)
            self.assertEqual(found, [str(number) for number in range(1, 11)])

    def test_it_ends_whatever_the_service_says(self) -> None:
        most = 4294967295

        def always_the_same(_: Request) -> bytes:
            return reply(body={"count": most, "contact_list": self.items("aba")})

        found, requests = self.all_of(always_the_same)
        self.assertEqual((found, len(requests)), (["a", "b"], 2))

        def nothing_of_many(_: Request) -> bytes:
            return reply(body={"count": most, "contact_list": []})

        found, requests = self.all_of(nothing_of_many)
        self.assertEqual((found, len(requests)), ([], 1))

        def more_than_it_tells_of(_: Request) -> bytes:
            return reply(body={"count": 1, "contact_list": self.items("ab")})

        found, requests = self.all_of(more_than_it_tells_of)
        self.assertEqual((found, len(requests)), (["a", "b"], 1))

        def ever_fewer(request: Request) -> bytes:
            offset = int(request.query["offset"])
            return reply(body={"count": 4 - offset, "contact_list": self.items([offset])})

        found, requests = self.all_of(ever_fewer)
        self.assertEqual((found, len(requests)), (["0", "1", "2"], 3))

        def ever_more(request: Request) -> bytes:
            chosen = range(int(request.query["offset"]), int(request.query["offset"]) + 1000)
            return reply(body={"count": most, "contact_list": self.items(chosen)})

        # The API's own limit of an offset.
        with self.assertRaises(InvalidArgumentError) as caught:
            self.all_of(ever_more)
        self.assertEqual(caught.exception.field, "offset")

    def test_nothing_is_asked_before_it_is_wanted(self) -> None:
        with Service(lambda request: self.listed(request, 9)) as service:
            with client_for(service) as client:
                contacts = client.iter_verified(page_size=2)
                self.assertEqual(len(service.requests), 0)
                self.assertEqual([next(contacts).verified_id for _ in range(2)], ["0", "1"])
                self.assertEqual(len(service.requests), 1)
                next(contacts)
                self.assertEqual(len(service.requests), 2)

    def test_a_failure_half_way_is_raised(self) -> None:
        def broken(request: Request) -> bytes:
            return self.listed(request, 9, 2) if request.query["offset"] == "0" else reply(500)

        with Service(broken) as service, client_for(service) as client:
            contacts = client.iter_verified()
            self.assertEqual([next(contacts).verified_id for _ in range(2)], ["0", "1"])
            with self.assertRaises(ServiceError):
                next(contacts)
            self.assertEqual(list(contacts), [])

    def test_a_client_that_is_closed_half_way(self) -> None:
        with Service(LISTED) as service, watched("contactverify_client_free") as freed:
            client: Client = client_for(service)
            begun, untouched = client.iter_verified(), client.iter_verified()
            next(begun)
            client.close()
            # An iterator does not keep the connections open.
            self.assertEqual(len(freed), 1)
            self.assertEqual(list(begun), [])
            with self.assertRaisesRegex(InvalidArgumentError, "closed"):
                next(untouched)


if __name__ == "__main__":
    unittest.main()

"""Times the Python contestants against one server, in turns, as c/rounds.c does.

    rounds.py ENDPOINT ROUNDS CALLS

Prints per round and contestant: its name, and the median and the minimum of its calls in
nanoseconds, separated by tabs.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Callable

import requests
from contactverify import Client, ContactWay
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkosm.v2 import CheckVerifyCodesRequest, OsmClient, VerifyVerifyCodeV2Req

CODE = "123456"
CONTACT = "alice@example.com"
TOKEN = "MIIDkgYJKoZIhvcN" * 64
WARM_UP_CALLS = 5

Verify = Callable[[], bool]


def contactverify(endpoint: str) -> Verify:
    client = Client(endpoint, auth_token=TOKEN)
    return lambda: bool(client.verify_codes(CODE, CONTACT, ContactWay.EMAIL))


def with_requests(endpoint: str) -> Verify:
    session = requests.Session()
    session.headers.update({"X-Auth-Token": TOKEN, "Accept": "application/json"})
    url = f"{endpoint}/v2/servicerequest/verifycodes"

    def verify() -> bool:
        body = {"verify_code": CODE, "contact_value": CONTACT, "contact_way": 1}
        response = session.post(url, json=body, timeout=10)
        return response.status_code == 200 and not response.json().get("error_code")

    return verify


def vendor_sdk(endpoint: str) -> Verify:
    # It has no way to send a token: it signs each request with the account's keys.
    credentials = GlobalCredentials("access-key", "secret-key", "domain-id")
    builder = OsmClient.new_builder().with_credentials(credentials).with_endpoints([endpoint])
    client = builder.build()

    def verify() -> bool:
        body = VerifyVerifyCodeV2Req(verify_code=CODE, contact_value=CONTACT, contact_way=1)
        response = client.check_verify_codes(CheckVerifyCodesRequest(body=body))
        return response.status_code == 200 and not response.error_code

    return verify


CONTESTANTS = {
    "contactverify": contactverify,
    "requests": with_requests,
    "vendor's SDK": vendor_sdk,
}


def turn(name: str, verify: Verify, calls: int) -> None:
    times = []
    for number in range(-WARM_UP_CALLS, calls):
        begin = time.perf_counter_ns()
        verified = verify()
        took = time.perf_counter_ns() - begin
        if not verified:
            raise SystemExit(f"{name}: not verified")
        if number >= 0:
            times.append(took)
    print(name, round(statistics.median(times)), min(times), sep="\t")


def main() -> None:
    endpoint, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sessions = [(name, make(endpoint)) for name, make in CONTESTANTS.items()]
    for number in range(rounds):
        for index in range(len(sessions)):
            name, verify = sessions[(number + index) % len(sessions)]
            turn(name, verify, calls)


main()

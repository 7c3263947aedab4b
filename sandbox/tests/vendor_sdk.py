"""The vendor's own SDK against the sandbox: what it signs has to be accepted.

Starts the sandbox whose program is the one argument. Without the package huaweicloudsdkosm it
says so and ends with status 0. Tested with 3.1.219.
"""

import subprocess
import sys
import time

try:
    from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
    from huaweicloudsdkcore.client import ClientBuilder
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkosm.v2 import (
        CheckNeedVerifyRequest,
        CheckVerifyCodesRequest,
        ListHasVerifiedContactsRequest,
        OsmClient,
        SendVerifyCodeReq,
        SendVerifyCodesRequest,
        VerifyVerifyCodeV2Req,
    )
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)

ACCESS, SECRET = "sandbox-access-key", "sandbox-secret-key"
SECURITY_TOKEN = "c2VjdXJpdHkgdG9rZW4gb2YgYSB0ZXN0+/=="

# Characters that a query has to encode, of one to four bytes in UTF-8.
CONTACTS = ["alice@example.com", "a+b c/d?e&f=g%h~i*'()!@例😀.com"]


def credentials(kind, secret=SECRET, token=None):
    """With an id set, the SDK looks nothing up."""
    if kind is BasicCredentials:
        made = BasicCredentials(ACCESS, secret, "fedcba9876543210fedcba9876543210")
    else:
        made = GlobalCredentials(ACCESS, secret, "0123456789abcdef0123456789abcdef")
    return made.with_security_token(token) if token else made


def client(endpoint, made):
    # OsmClient's own builder takes GlobalCredentials alone.
    builder = ClientBuilder(OsmClient, type(made).__name__)
    return builder.with_credentials(made).with_endpoint(endpoint).build()


class Sandbox:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen(
            [program, "--port", "0", "--until-stdin-closes", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.endpoint = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def code(self):
        return self.process.stdout.readline().split()[1]


def all_four_calls(sandbox, made, contact):
    osm = client(sandbox.endpoint, made)
    question = CheckNeedVerifyRequest(contact_value=contact, contact_way=1, area_code="")
    assert osm.check_need_verify(question).need_verify_code == 1

    body = SendVerifyCodeReq(contact_value=contact, contact_way=1, area_code="")
    sent = osm.send_verify_codes(SendVerifyCodesRequest(body=body, x_language="en-us"))
    assert sent.error_code == "", sent

    body = VerifyVerifyCodeV2Req(
        contact_value=contact, contact_way=1, area_code="", verify_code=sandbox.code()
    )
    verified = osm.check_verify_codes(CheckVerifyCodesRequest(body=body, x_site=1))
    assert verified.error_code == "", verified

    answer = osm.check_need_verify(question)
    assert answer.need_verify_code == 0, answer
    listing = ListHasVerifiedContactsRequest(contact_way=1, contact_value=contact, limit=5)
    listed = osm.list_has_verified_contacts(listing)
    assert listed.count == 1, listed
    assert listed.contact_list[0].contact_value == contact, listed
    listing.verified_id = listed.contact_list[0].verified_id
    assert osm.list_has_verified_contacts(listing).count == 1
    print(f"accepted: {type(made).__name__}, {contact}, until {answer.expire_time}")


def refused(sandbox, made, text):
    try:
        client(sandbox.endpoint, made).list_has_verified_contacts(ListHasVerifiedContactsRequest())
    except ClientRequestException as error:
        assert error.status_code == 401, error
        assert error.error_code == "APIGW.0301", error
        assert text in error.error_msg, error
        print(f"refused: {error.error_msg[:78]}")
    else:
        raise AssertionError("the request was accepted")


def main(program):
    started = time.monotonic()
    for kind in (GlobalCredentials, BasicCredentials):
        for token in (None, SECURITY_TOKEN):
            arguments = ["--security-token", token] if token else []
            with Sandbox(program, *arguments) as sandbox:
                for contact in CONTACTS:
                    all_four_calls(sandbox, credentials(kind, token=token), contact)
    with Sandbox(program) as sandbox:
        refused(sandbox, credentials(BasicCredentials, "other"), "verify aksk signature fail")
    with Sandbox(program, "--clock-skew-seconds", "1000") as sandbox:
        refused(sandbox, credentials(BasicCredentials), "expired")
    print(f"vendor's SDK: passed in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1])

"""The vendor's own SDK, unmodified, makes the four calls to the endpoint that is the argument.

Tested with huaweicloudsdkosm 3.1.219.
"""

import sys

from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkosm.v2 import (
    CheckNeedVerifyRequest,
    CheckVerifyCodesRequest,
    ListHasVerifiedContactsRequest,
    OsmClient,
    SendVerifyCodeReq,
    SendVerifyCodesRequest,
    VerifyVerifyCodeV2Req,
)

# With an id set, the SDK looks nothing up.
credentials = GlobalCredentials("access-key", "secret-key", "0123456789abcdef")
client = (
    OsmClient.new_builder().with_credentials(credentials).with_endpoint(sys.argv[1]).build()
)
contact = {"contact_value": "用户 a+b/c?d&e=f%~*'()!@例.com", "contact_way": 0, "area_code": "86"}
headers = {"x_site": 1, "x_language": "en-us", "x_time_zone": "GMT+1"}

client.check_verify_codes(
    CheckVerifyCodesRequest(
        body=VerifyVerifyCodeV2Req(
            verify_code="123456", x_customer_id="x", customer_id="c", **contact
        ),
        **headers,
    )
)
client.send_verify_codes(SendVerifyCodesRequest(body=SendVerifyCodeReq(**contact), **headers))
client.check_need_verify(CheckNeedVerifyRequest(**contact, **headers))
client.list_has_verified_contacts(
    ListHasVerifiedContactsRequest(
        customer_id="c",
        sub_customer_id="s",
        expired_time="2026-11-25 00:00",
        verified_id="v",
        offset=1,
        limit=5,
        **contact,
        **headers,
    )
)
print("made: 4 calls")

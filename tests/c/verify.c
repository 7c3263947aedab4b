/*
 * The whole walk against a sandbox, in C and in C++: argument 1 is its address, 2 a code that
 * was sent to alice@example.com, 3 one for a phone number, both by e-mail and SMS.
 */
#include <errno.h>
#include <string.h>

#include "check.h"

static contactverify_status verify(contactverify_client *client, contactverify_request request,
                                   const char *error_code, const char *field)
{
    contactverify_result *result = NULL;

    errno = 4711;
    contactverify_status status = verify_codes(client, &request, &result);
    CHECK(errno == 4711);
    CHECK(result != NULL);
    CHECK(contactverify_result_status(result) == status);
    CHECK(strcmp(contactverify_result_error_code(result), error_code) == 0);
    CHECK(strcmp(contactverify_result_field(result), field) == 0);
    CHECK(strlen(contactverify_result_message(result)) > 0);
    CHECK((contactverify_result_http_status(result) != 0)
          == (contactverify_result_sent(result) == CONTACTVERIFY_SENT_ANSWERED));
    CHECK((strlen(contactverify_result_request_id(result)) > 0)
          == (contactverify_result_sent(result) == CONTACTVERIFY_SENT_ANSWERED));
    contactverify_result_free(result);
    return status;
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    contactverify_client *client = new_client(argv[1]);
    contactverify_request email = CONTACTVERIFY_REQUEST_INIT;
    contactverify_request sms = CONTACTVERIFY_REQUEST_INIT;

    email.contact_value = "alice@example.com";
    email.contact_way = CONTACTVERIFY_EMAIL;
    sms.contact_value = "13800000000";
    sms.area_code = "86";
    sms.contact_way = CONTACTVERIFY_SMS;

    email.verify_code = strcmp(argv[2], "000000") == 0 ? "000001" : "000000";
    CHECK(verify(client, email, "OSM.01010010", "") == CONTACTVERIFY_REJECTED);
    email.verify_code = argv[2];
    CHECK(verify(client, email, "", "") == CONTACTVERIFY_OK);
    CHECK(verify(client, email, "OSM.01010010", "") == CONTACTVERIFY_REJECTED);
    sms.verify_code = argv[3];
    CHECK(verify(client, sms, "", "") == CONTACTVERIFY_OK);

    email.auth_token = "wrong-token";
    CHECK(verify(client, email, "APIGW.0301", "") == CONTACTVERIFY_UNAUTHORIZED);
    email.auth_token = NULL;
    email.verify_code = "12345";
    CHECK(verify(client, email, "", "verify_code") == CONTACTVERIFY_INVALID_ARGUMENT);
    email.verify_code = "123456";
    email.contact_way = CONTACTVERIFY_CONTACT_WAY_UNSET;
    CHECK(verify(client, email, "", "contact_way") == CONTACTVERIFY_INVALID_ARGUMENT);
    contactverify_client_free(client);

    client = new_client("http://127.0.0.1:1");
    CHECK(verify(client, sms, "", "") == CONTACTVERIFY_CONNECT_FAILED);
    contactverify_client_free(client);
    return done("verify");
}

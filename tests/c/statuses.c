/* Every number that programs are compiled with, written out. None may ever change. */
#include <string.h>

#include <contactverify.h>

#include "check.h"

int main(void)
{
    static const struct {
        int32_t number;
        int32_t constant;
        const char *name;
    } statuses[] = {
        { 0, CONTACTVERIFY_OK, "OK" },
        { 1, CONTACTVERIFY_INVALID_ARGUMENT, "INVALID_ARGUMENT" },
        { 2, CONTACTVERIFY_BUSY, "BUSY" },
        { 3, CONTACTVERIFY_CANCELLED, "CANCELLED" },
        { 20, CONTACTVERIFY_CONNECT_FAILED, "CONNECT_FAILED" },
        { 21, CONTACTVERIFY_TLS_FAILED, "TLS_FAILED" },
        { 22, CONTACTVERIFY_TIMEOUT, "TIMEOUT" },
        { 23, CONTACTVERIFY_CONNECTION_LOST, "CONNECTION_LOST" },
        { 24, CONTACTVERIFY_BAD_RESPONSE, "BAD_RESPONSE" },
        { 40, CONTACTVERIFY_REJECTED, "REJECTED" },
        { 41, CONTACTVERIFY_UNAUTHORIZED, "UNAUTHORIZED" },
        { 42, CONTACTVERIFY_FORBIDDEN, "FORBIDDEN" },
        { 43, CONTACTVERIFY_RATE_LIMITED, "RATE_LIMITED" },
        { 44, CONTACTVERIFY_REQUEST_REFUSED, "REQUEST_REFUSED" },
        { 45, CONTACTVERIFY_SERVICE_ERROR, "SERVICE_ERROR" },
        { 90, CONTACTVERIFY_INTERNAL, "INTERNAL" },
    };
    static const int32_t strangers[] = { -1, 4, 19, 25, 39, 46, 89, 91, INT32_MIN, INT32_MAX };

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        CHECK(statuses[i].number == statuses[i].constant);
        CHECK(strcmp(contactverify_status_name(statuses[i].number), statuses[i].name) == 0);
    }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        CHECK(strcmp(contactverify_status_name(strangers[i]), "UNKNOWN") == 0);

    CHECK(CONTACTVERIFY_SENT_NO == 0);
    CHECK(CONTACTVERIFY_SENT_MAYBE == 1);
    CHECK(CONTACTVERIFY_SENT_ANSWERED == 2);
    CHECK(CONTACTVERIFY_CONTACT_WAY_UNSET == -1);
    CHECK(CONTACTVERIFY_SMS == 0);
    CHECK(CONTACTVERIFY_EMAIL == 1);
    CHECK(CONTACTVERIFY_LOG_OFF == 0);
    CHECK(CONTACTVERIFY_LOG_ERROR == 1);
    CHECK(CONTACTVERIFY_LOG_WARN == 2);
    CHECK(CONTACTVERIFY_LOG_INFO == 3);
    CHECK(CONTACTVERIFY_LOG_DEBUG == 4);
    CHECK(strcmp(contactverify_version(), CONTACTVERIFY_VERSION) == 0);
    CHECK(offsetof(contactverify_request, size) == 0);
    CHECK(offsetof(contactverify_request, verify_code) == 1 * sizeof(void *));
    CHECK(offsetof(contactverify_request, contact_value) == 2 * sizeof(void *));
    CHECK(offsetof(contactverify_request, area_code) == 3 * sizeof(void *));
    CHECK(offsetof(contactverify_request, x_customer_id) == 4 * sizeof(void *));
    CHECK(offsetof(contactverify_request, customer_id) == 5 * sizeof(void *));
    CHECK(offsetof(contactverify_request, auth_token) == 6 * sizeof(void *));
    CHECK(offsetof(contactverify_request, language) == 7 * sizeof(void *));
    CHECK(offsetof(contactverify_request, time_zone) == 8 * sizeof(void *));
    CHECK(offsetof(contactverify_request, contact_way) == 9 * sizeof(void *));
    CHECK(offsetof(contactverify_request, timeout_ms) == 9 * sizeof(void *) + 4);
    CHECK(CONTACTVERIFY_SOURCE_ENVIRONMENT == 1);
    CHECK(CONTACTVERIFY_SOURCE_FILE == 2);
    CHECK(CONTACTVERIFY_SOURCE_SERVER == 4);
    CHECK(offsetof(contactverify_send_request, size) == 0);
    CHECK(offsetof(contactverify_send_request, contact_value) == 1 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, area_code) == 2 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, auth_token) == 3 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, language) == 4 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, time_zone) == 5 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, contact_way) == 6 * sizeof(void *));
    CHECK(offsetof(contactverify_send_request, timeout_ms) == 6 * sizeof(void *) + 4);
    CHECK(sizeof(contactverify_send_request) == 6 * sizeof(void *) + 8);
    CHECK(offsetof(contactverify_need_request, size) == 0);
    CHECK(offsetof(contactverify_need_request, contact_value) == 1 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, area_code) == 2 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, auth_token) == 3 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, language) == 4 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, time_zone) == 5 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, contact_way) == 6 * sizeof(void *));
    CHECK(offsetof(contactverify_need_request, timeout_ms) == 6 * sizeof(void *) + 4);
    CHECK(sizeof(contactverify_need_request) == 6 * sizeof(void *) + 8);
    CHECK(offsetof(contactverify_list_request, size) == 0);
    CHECK(offsetof(contactverify_list_request, contact_value) == 1 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, area_code) == 2 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, customer_id) == 3 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, sub_customer_id) == 4 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, verified_id) == 5 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, expired_time) == 6 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, auth_token) == 7 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, language) == 8 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, time_zone) == 9 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, contact_way) == 10 * sizeof(void *));
    CHECK(offsetof(contactverify_list_request, offset) == 10 * sizeof(void *) + 4);
    CHECK(offsetof(contactverify_list_request, limit) == 10 * sizeof(void *) + 8);
    CHECK(offsetof(contactverify_list_request, timeout_ms) == 10 * sizeof(void *) + 12);
    CHECK(sizeof(contactverify_list_request) == 10 * sizeof(void *) + 16);
    return done("statuses");
}

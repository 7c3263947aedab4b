/* NULL for each pointer of each function. */
#include <string.h>

#include "check.h"

typedef contactverify_status text_setter(contactverify_config *, const char *);
typedef contactverify_status number_setter(contactverify_config *, int32_t);
typedef contactverify_status three_setter(contactverify_config *, const char *, const char *,
                                          const char *);

static const char *field_of(contactverify_result *result)
{
    static char field[64];

    snprintf(field, sizeof field, "%s", contactverify_result_field(result));
    contactverify_result_free(result);
    return field;
}

static void frees(void)
{
    contactverify_config_free(NULL);
    contactverify_client_free(NULL);
    contactverify_result_free(NULL);
    CHECK(1);
}

static void setters(void)
{
    static text_setter *const texts[] = {
        contactverify_config_set_endpoint,    contactverify_config_set_auth_token,
        contactverify_config_set_language,    contactverify_config_set_time_zone,
        contactverify_config_set_ca_file,     contactverify_config_set_proxy,
        contactverify_config_set_success_code, contactverify_config_set_application_id,
        contactverify_config_set_region,      contactverify_config_set_iam_endpoint,
        contactverify_config_set_iam_project, contactverify_config_set_domain_id,
        contactverify_config_set_project_id,
    };
    static number_setter *const numbers[] = {
        contactverify_config_set_timeout_ms,
        contactverify_config_set_connect_timeout_ms,
        contactverify_config_set_max_idle_connections,
        contactverify_config_set_idle_timeout_ms,
        contactverify_config_set_retries,
        contactverify_config_set_site,
        contactverify_config_set_proxy_from_environment,
        contactverify_config_set_credential_sources,
    };
    static three_setter *const pairs[] = {
        contactverify_config_set_iam_password,
        contactverify_config_set_access_key,
    };
    contactverify_config *config = contactverify_config_new();

    CHECK(config != NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK(texts[i](NULL, "https://example.com") == CONTACTVERIFY_INVALID_ARGUMENT);
        CHECK(texts[i](NULL, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);
        CHECK(texts[i](config, NULL) == CONTACTVERIFY_OK);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK(numbers[i](NULL, 1) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(contactverify_config_set_credentials_from_environment(NULL)
          == CONTACTVERIFY_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        CHECK(pairs[i](NULL, "a", "b", "c") == CONTACTVERIFY_INVALID_ARGUMENT);
        CHECK(pairs[i](config, NULL, NULL, NULL) == CONTACTVERIFY_OK);
        CHECK(pairs[i](config, "a", "b", "c") == CONTACTVERIFY_OK);
        CHECK(pairs[i](config, NULL, "b", "c") == CONTACTVERIFY_INVALID_ARGUMENT);
        CHECK(pairs[i](config, "a", NULL, "c") == CONTACTVERIFY_INVALID_ARGUMENT);
        CHECK(pairs[i](config, NULL, NULL, "c") == CONTACTVERIFY_INVALID_ARGUMENT);
    }
    CHECK(contactverify_config_set_access_key(config, "a", "b", NULL) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_iam_password(config, "a", "b", NULL)
          == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(contactverify_config_set_log_callback(NULL, 1, NULL, NULL)
          == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(contactverify_config_set_log_callback(config, CONTACTVERIFY_LOG_DEBUG, NULL, NULL)
          == CONTACTVERIFY_OK);
    contactverify_config_free(config);
}

static void clients(void)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = (contactverify_client *)config;
    contactverify_result *result = NULL;

    CHECK(contactverify_client_new(NULL, &client, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(client == NULL && strcmp(field_of(result), "config") == 0);
    CHECK(contactverify_client_new(config, NULL, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "client") == 0);
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(contactverify_client_new(NULL, NULL, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(contactverify_config_set_endpoint(config, "https://example.com") == CONTACTVERIFY_OK);
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_OK);
    CHECK(client != NULL);
    contactverify_client_free(client);
    contactverify_config_free(config);
}

static void calls(void)
{
    contactverify_client *client = new_client("http://127.0.0.1:1");
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    contactverify_result *result = NULL;

    CHECK(verify_codes(NULL, &request, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "client") == 0);
    CHECK(verify_codes(client, NULL, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "request") == 0);
    CHECK(verify_codes(client, &request, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "verify_code") == 0);
    request.verify_code = "123456";
    CHECK(verify_codes(client, &request, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_value") == 0);
    request.contact_value = "alice@example.com";
    CHECK(verify_codes(client, &request, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_way") == 0);
    CHECK(verify_codes(client, &request, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(verify_codes(NULL, NULL, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);
    contactverify_client_free(client);
}

static void other_calls(void)
{
    contactverify_client *client = new_client("http://127.0.0.1:1");
    contactverify_send_request send = CONTACTVERIFY_SEND_REQUEST_INIT;
    contactverify_need_request need = CONTACTVERIFY_NEED_REQUEST_INIT;
    contactverify_list_request list = CONTACTVERIFY_LIST_REQUEST_INIT;
    contactverify_result *result = NULL;

    CHECK(contactverify_send_code(NULL, &send, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "client") == 0);
    CHECK(contactverify_send_code(client, NULL, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "request") == 0);
    CHECK(contactverify_send_code(client, &send, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_value") == 0);
    send.contact_value = "alice@example.com";
    CHECK(contactverify_send_code(client, &send, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_way") == 0);
    send.contact_way = CONTACTVERIFY_EMAIL;
    CHECK(contactverify_send_code(client, &send, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "area_code") == 0);
    CHECK(contactverify_send_code(client, &send, NULL) == CONTACTVERIFY_INVALID_ARGUMENT);

    CHECK(contactverify_need_verify(NULL, &need, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "client") == 0);
    CHECK(contactverify_need_verify(client, NULL, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "request") == 0);
    CHECK(contactverify_need_verify(client, &need, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_value") == 0);
    need.contact_value = "alice@example.com";
    CHECK(contactverify_need_verify(client, &need, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "contact_way") == 0);

    CHECK(contactverify_list_verified(NULL, &list, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "client") == 0);
    CHECK(contactverify_list_verified(client, NULL, &result) == CONTACTVERIFY_INVALID_ARGUMENT);
    CHECK(strcmp(field_of(result), "request") == 0);
    CHECK(contactverify_list_verified(client, &list, NULL) == CONTACTVERIFY_CONNECT_FAILED);
    contactverify_client_free(client);
}

static void accessors(void)
{
    CHECK(contactverify_result_status(NULL) == CONTACTVERIFY_INTERNAL);
    CHECK(strcmp(contactverify_result_message(NULL), "") == 0);
    CHECK(strcmp(contactverify_result_field(NULL), "") == 0);
    CHECK(strcmp(contactverify_result_error_code(NULL), "") == 0);
    CHECK(strcmp(contactverify_result_error_msg(NULL), "") == 0);
    CHECK(strcmp(contactverify_result_request_id(NULL), "") == 0);
    CHECK(contactverify_result_http_status(NULL) == 0);
    CHECK(contactverify_result_sent(NULL) == CONTACTVERIFY_SENT_NO);
    CHECK(contactverify_result_attempts(NULL) == 0);
    CHECK(contactverify_result_retry_after_ms(NULL) == -1);
    CHECK(contactverify_result_need_verify(NULL) == -1);
    CHECK(strcmp(contactverify_result_expire_time(NULL), "") == 0);
    CHECK(contactverify_result_total(NULL) == -1);
    CHECK(contactverify_result_contact_count(NULL) == 0);
    CHECK(contactverify_result_contact_way(NULL, 0) == -1);
    CHECK(strcmp(contactverify_result_contact_value(NULL, 0), "") == 0);
    CHECK(strcmp(contactverify_result_contact_area_code(NULL, SIZE_MAX), "") == 0);
    CHECK(strcmp(contactverify_result_contact_verified_id(NULL, 0), "") == 0);
}

int main(void)
{
    frees();
    setters();
    clients();
    calls();
    other_calls();
    accessors();
    return done("null");
}

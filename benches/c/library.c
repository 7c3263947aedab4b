/* This library through its C functions, with its default settings. */
#include "contestant.h"

#include <contactverify.h>

static void *open_client(const struct arguments *arguments)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = NULL;
    contactverify_result *result = NULL;

    contactverify_config_set_endpoint(config, arguments->endpoint);
    contactverify_config_set_auth_token(config, arguments->token);
    contactverify_config_set_ca_file(config, arguments->ca_file);
    if (contactverify_client_new(config, &client, &result) != CONTACTVERIFY_OK)
        fail(contactverify_result_message(result));
    contactverify_config_free(config);
    return client;
}

static int verify(void *client)
{
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    contactverify_result *result = NULL;

    request.verify_code = VERIFY_CODE;
    request.contact_value = CONTACT_VALUE;
    request.contact_way = CONTACT_WAY;
    contactverify_status status = verify_codes(client, &request, &result);
    if (status != CONTACTVERIFY_OK)
        fprintf(stderr, "%s\n", contactverify_result_message(result));
    contactverify_result_free(result);
    return status == CONTACTVERIFY_OK;
}

static void close_client(void *client)
{
    contactverify_client_free(client);
}

const struct contestant library = { "contactverify", 1, 1, open_client, verify, close_client };

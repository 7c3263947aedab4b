/*
 * Verifies one code and says what came of it.
 *
 *     export CONTACTVERIFY_TOKEN=...
 *     verify --endpoint https://osm.cn-south-1.myhuaweicloud.com \
 *            --contact alice@example.com --way email --code 123456
 *
 * Standard output: the name of the status, such as "OK", and the service's error code if
 * there is one. Standard error: the sentence for a person. Exit status: 0 only if verified,
 * 1 if the code was refused, 2 if an argument was, 3 for anything else.
 *
 * The token comes from the environment, because `ps` shows arguments to everyone.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <contactverify.h>

static const char usage[] =
    "usage: verify --endpoint URL --contact VALUE --way sms|email --code CODE\n"
    "              [--area-code CODE] [--timeout-ms NUMBER] [--ca-file FILE]\n"
    "The token comes from the environment variable CONTACTVERIFY_TOKEN.\n";

struct arguments {
    const char *endpoint;
    const char *ca_file;
    contactverify_request request;
};

static int parse(int count, char **words, struct arguments *arguments)
{
    contactverify_request *request = &arguments->request;

    for (int i = 1; i < count; i += 2) {
        const char *name = words[i];
        const char *value = words[i + 1];

        if (value == NULL)
            return 0;
        if (strcmp(name, "--endpoint") == 0) {
            arguments->endpoint = value;
        } else if (strcmp(name, "--ca-file") == 0) {
            arguments->ca_file = value;
        } else if (strcmp(name, "--contact") == 0) {
            request->contact_value = value;
        } else if (strcmp(name, "--code") == 0) {
            request->verify_code = value;
        } else if (strcmp(name, "--area-code") == 0) {
            request->area_code = value;
        } else if (strcmp(name, "--timeout-ms") == 0) {
            request->timeout_ms = atoi(value);
        } else if (strcmp(name, "--way") == 0 && strcmp(value, "sms") == 0) {
            request->contact_way = CONTACTVERIFY_SMS;
        } else if (strcmp(name, "--way") == 0 && strcmp(value, "email") == 0) {
            request->contact_way = CONTACTVERIFY_EMAIL;
        } else {
            return 0;
        }
    }
    return 1;
}

static contactverify_status verify(const struct arguments *arguments,
                                   contactverify_result **result)
{
    contactverify_client *client = NULL;
    contactverify_config *config = contactverify_config_new();

    /* A setter that fails marks the config, and contactverify_client_new says so. */
    contactverify_config_set_endpoint(config, arguments->endpoint);
    contactverify_config_set_auth_token(config, getenv("CONTACTVERIFY_TOKEN"));
    contactverify_config_set_ca_file(config, arguments->ca_file);

    contactverify_status status = contactverify_client_new(config, &client, result);
    contactverify_config_free(config);
    if (status == CONTACTVERIFY_OK)
        status = verify_codes(client, &arguments->request, result);
    contactverify_client_free(client);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments = { NULL, NULL, CONTACTVERIFY_REQUEST_INIT };
    contactverify_result *result = NULL;

    if (!parse(argc, argv, &arguments)) {
        fputs(usage, stderr);
        return 2;
    }

    contactverify_status status = verify(&arguments, &result);
    const char *code = contactverify_result_error_code(result);
    printf("%s%s%s\n", contactverify_status_name(status), *code ? " " : "", code);
    if (status != CONTACTVERIFY_OK) {
        fprintf(stderr, "%s\n", contactverify_result_message(result));
        if (strcmp(contactverify_result_field(result), "auth_token") == 0)
            fputs("The token comes from the environment variable CONTACTVERIFY_TOKEN.\n", stderr);
    }
    contactverify_result_free(result);

    switch (status) {
    case CONTACTVERIFY_OK:
        return 0;
    case CONTACTVERIFY_REJECTED:
        return 1;
    case CONTACTVERIFY_INVALID_ARGUMENT:
        return 2;
    default:
        return 3;
    }
}

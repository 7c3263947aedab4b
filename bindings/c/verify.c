/*
 * Has codes sent, verifies them, and asks what is verified.
 *
 *     verify send        --endpoint URL --contact VALUE --way sms|email [--area-code CODE]
 *     verify [verify]    --endpoint URL --contact VALUE --way sms|email --code CODE
 *     verify need-verify --endpoint URL --contact VALUE --way sms|email
 *     verify list        --endpoint URL [--contact VALUE] [--way sms|email]
 *
 * Standard output: the name of the status, such as "OK", and the service's error code if
 * there is one; for need-verify and list the answer behind it. Standard error: the sentence
 * for a person. Exit status: 0 only if the service confirmed, 1 if it refused, 2 if an
 * argument was wrong, 3 for anything else.
 *
 * Credentials come from the environment, because `ps` shows arguments to everyone: a token in
 * CONTACTVERIFY_TOKEN; or an account's user in CONTACTVERIFY_DOMAIN, CONTACTVERIFY_USER and
 * CONTACTVERIFY_PASSWORD; else an access key wherever the vendor's SDKs look for one.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <contactverify.h>

static const char usage[] =
    "usage: verify [send|verify|need-verify|list] --endpoint URL --contact VALUE --way sms|email\n"
    "              [--code CODE] [--area-code CODE] [--region NAME] [--iam-endpoint URL]\n"
    "              [--timeout-ms NUMBER] [--ca-file FILE]\n"
    "Credentials: CONTACTVERIFY_TOKEN; or CONTACTVERIFY_DOMAIN, _USER and _PASSWORD; or\n"
    "HUAWEICLOUD_SDK_AK and _SK, or the file ~/.huaweicloud/credentials.\n";

struct arguments {
    const char *action;
    const char *endpoint;
    const char *region;
    const char *iam_endpoint;
    const char *ca_file;
    /* The parameters of all calls: each takes those that it knows. */
    contactverify_request request;
};

static int parse(int count, char **words, struct arguments *arguments)
{
    contactverify_request *request = &arguments->request;
    int first = 1;

    if (count > 1 && words[1][0] != '-')
        arguments->action = words[first++];
    for (int i = first; i < count; i += 2) {
        const char *name = words[i];
        const char *value = words[i + 1];

        if (value == NULL)
            return 0;
        if (strcmp(name, "--endpoint") == 0) {
            arguments->endpoint = value;
        } else if (strcmp(name, "--region") == 0) {
            arguments->region = value;
        } else if (strcmp(name, "--iam-endpoint") == 0) {
            arguments->iam_endpoint = value;
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

static void set_credentials(contactverify_config *config)
{
    const char *token = getenv("CONTACTVERIFY_TOKEN");
    const char *password = getenv("CONTACTVERIFY_PASSWORD");

    if (token != NULL)
        contactverify_config_set_auth_token(config, token);
    else if (password != NULL)
        contactverify_config_set_iam_password(config, getenv("CONTACTVERIFY_DOMAIN"),
                                              getenv("CONTACTVERIFY_USER"), password);
    else
        contactverify_config_set_credentials_from_environment(config);
}

static contactverify_status send_code(const contactverify_client *client,
                                      const contactverify_request *given,
                                      contactverify_result **result)
{
    contactverify_send_request request = CONTACTVERIFY_SEND_REQUEST_INIT;

    request.contact_value = given->contact_value;
    request.contact_way = given->contact_way;
    /* The service wants one for an e-mail too. */
    request.area_code = given->area_code != NULL ? given->area_code : "";
    request.timeout_ms = given->timeout_ms;
    return contactverify_send_code(client, &request, result);
}

static contactverify_status need_verify(const contactverify_client *client,
                                        const contactverify_request *given,
                                        contactverify_result **result)
{
    contactverify_need_request request = CONTACTVERIFY_NEED_REQUEST_INIT;

    request.contact_value = given->contact_value;
    request.contact_way = given->contact_way;
    request.area_code = given->area_code;
    request.timeout_ms = given->timeout_ms;
    return contactverify_need_verify(client, &request, result);
}

static contactverify_status list_verified(const contactverify_client *client,
                                          const contactverify_request *given,
                                          contactverify_result **result)
{
    contactverify_list_request request = CONTACTVERIFY_LIST_REQUEST_INIT;

    request.contact_value = given->contact_value;
    request.contact_way = given->contact_way;
    request.area_code = given->area_code;
    request.timeout_ms = given->timeout_ms;
    return contactverify_list_verified(client, &request, result);
}

static contactverify_status run(const struct arguments *arguments, contactverify_result **result)
{
    const contactverify_request *request = &arguments->request;
    contactverify_client *client = NULL;
    contactverify_config *config = contactverify_config_new();

    /* A setter that fails marks the config, and contactverify_client_new says so. */
    contactverify_config_set_endpoint(config, arguments->endpoint);
    contactverify_config_set_region(config, arguments->region);
    contactverify_config_set_iam_endpoint(config, arguments->iam_endpoint);
    contactverify_config_set_ca_file(config, arguments->ca_file);
    set_credentials(config);

    contactverify_status status = contactverify_client_new(config, &client, result);
    contactverify_config_free(config);
    if (status == CONTACTVERIFY_OK) {
        if (strcmp(arguments->action, "send") == 0)
            status = send_code(client, request, result);
        else if (strcmp(arguments->action, "need-verify") == 0)
            status = need_verify(client, request, result);
        else if (strcmp(arguments->action, "list") == 0)
            status = list_verified(client, request, result);
        else
            status = verify_codes(client, request, result);
    }
    contactverify_client_free(client);
    return status;
}

static void print(contactverify_status status, const contactverify_result *result)
{
    const char *code = contactverify_result_error_code(result);

    printf("%s%s%s", contactverify_status_name(status), *code ? " " : "", code);
    if (contactverify_result_need_verify(result) >= 0)
        printf(" need_verify_code=%d", (int)contactverify_result_need_verify(result));
    if (contactverify_result_total(result) >= 0)
        printf(" total=%lld", (long long)contactverify_result_total(result));
    putchar('\n');
    for (size_t i = 0; i < contactverify_result_contact_count(result); i++)
        printf("%s %s\n",
               contactverify_result_contact_way(result, i) == CONTACTVERIFY_SMS ? "sms" : "email",
               contactverify_result_contact_value(result, i));
    if (status != CONTACTVERIFY_OK)
        fprintf(stderr, "%s\n", contactverify_result_message(result));
}

int main(int argc, char **argv)
{
    static const char *const actions[] = { "send", "verify", "need-verify", "list" };
    struct arguments arguments = { "verify", NULL, NULL, NULL, NULL, CONTACTVERIFY_REQUEST_INIT };
    contactverify_result *result = NULL;
    int known = 0;

    if (parse(argc, argv, &arguments))
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
            known |= strcmp(arguments.action, actions[i]) == 0;
    if (!known) {
        fputs(usage, stderr);
        return 2;
    }

    contactverify_status status = run(&arguments, &result);
    print(status, result);
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

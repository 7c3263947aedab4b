/*
 * The check behind a sign-up form: has a code sent to an e-mail address, and takes it back.
 *
 *     signup ENDPOINT
 *
 * Standard input: what the form brings, a line each time: "ADDRESS" from its first page, "ADDRESS
 * CODE" from its second. Standard output: the status and the sentence for the person who sits at
 * the form. Standard error: the log, which holds what the service's support asks for, and neither
 * address nor code. The access key comes from where the vendor's SDKs look for one.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */
#include <stdio.h>
#include <string.h>

#include <contactverify.h>

/* One for the whole process: it keeps connections, and all threads may use it at once. */
static contactverify_client *client;

/* What the form shows. */
struct reply {
    int status;
    char sentence[128];
};

/* Who can do something about it, which is the level of the log line: an ERROR wakes somebody. */
enum concern { INFO, WARN, ERROR };

static int open_client(const char *endpoint)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_result *result = NULL;

    contactverify_config_set_endpoint(config, endpoint);
    /* A person waits in front of the form, and one of its pages makes two calls. */
    contactverify_config_set_timeout_ms(config, 3000);
    contactverify_config_set_connect_timeout_ms(config, 1000);
    contactverify_config_set_application_id(config, "signup/1.0");
    /* Without the metadata server, a missing key is found now, and not by the first person. */
    contactverify_config_set_credential_sources(
        config, CONTACTVERIFY_SOURCE_ENVIRONMENT | CONTACTVERIFY_SOURCE_FILE);
    contactverify_config_set_credentials_from_environment(config);

    contactverify_status status = contactverify_client_new(config, &client, &result);
    contactverify_config_free(config);
    if (status != CONTACTVERIFY_OK)
        fprintf(stderr, "ERROR %s\n", contactverify_result_message(result));
    contactverify_result_free(result);
    return status == CONTACTVERIFY_OK;
}

static void say(struct reply *reply, int status, const char *sentence)
{
    reply->status = status;
    snprintf(reply->sentence, sizeof reply->sentence, "%s", sentence);
}

/* The service is out of reach, or fails. Whether the code is still good, only `sent` tells. */
static void say_later(struct reply *reply, const contactverify_result *result, int is_check)
{
    if (is_check && contactverify_result_sent(result) == CONTACTVERIFY_SENT_NO)
        say(reply, 503, "We cannot check codes right now. Yours is still good: try it again soon.");
    else if (is_check)
        say(reply, 503, "We could not check your code. Please ask for a new one.");
    else
        say(reply, 503, "We cannot send codes right now. Please try again in a minute.");
}

/* The service is there, but has no time. Its texts are not for the person, but this number is. */
static void say_when(struct reply *reply, const contactverify_result *result)
{
    long long wait = (long long)contactverify_result_retry_after_ms(result);
    /* A minute, where the service names no time. */
    long long seconds = wait < 0 ? 60 : (wait + 999) / 1000;

    reply->status = 503;
    snprintf(reply->sentence, sizeof reply->sentence,
             "Too much is going on here. Please try again in %lld seconds.", seconds);
}

static enum concern explain_refusal(struct reply *reply, const contactverify_result *result)
{
    const char *code = contactverify_result_error_code(result);

    /* One code for all three: the service does not tell them apart. */
    if (strcmp(code, "OSM.01010010") == 0) {
        say(reply, 403, "This code is wrong, used or expired. Look again, or ask for a new one.");
        return INFO;
    }
    if (strcmp(code, "OSM.01010024") == 0) {
        say(reply, 429, "A code is on its way. You can ask for another one in a minute.");
        return INFO;
    }
    say(reply, 500, "Something is wrong on our side. Please try again later.");
    return ERROR;
}

/* Tells the person what to do next, and whoever runs this whether there is something to do. */
static enum concern explain(struct reply *reply, contactverify_status status,
                            const contactverify_result *result, int is_check)
{
    const char *field = contactverify_result_field(result);

    switch (status) {
    case CONTACTVERIFY_REJECTED:
        return explain_refusal(reply, result);
    case CONTACTVERIFY_RATE_LIMITED:
        say_when(reply, result);
        return WARN;
    case CONTACTVERIFY_CONNECT_FAILED:
    case CONTACTVERIFY_TIMEOUT:
    case CONTACTVERIFY_CONNECTION_LOST:
    case CONTACTVERIFY_SERVICE_ERROR:
        say_later(reply, result, is_check);
        return WARN;
    case CONTACTVERIFY_INVALID_ARGUMENT:
        if (strcmp(field, "verify_code") == 0) {
            say(reply, 422, "A code has 6 characters.");
            return INFO;
        }
        if (strcmp(field, "contact_value") == 0) {
            say(reply, 422, "This is not an e-mail address.");
            return INFO;
        }
        break;
    default:
        break;
    }
    /* Credentials, certificate, endpoint, a bug; and every number that a later library adds. */
    say(reply, 500, "Something is wrong on our side. Please try again later.");
    return ERROR;
}

/* Makes the reply of a call that is no success, logs the call, and frees its result. */
static void conclude(struct reply *reply, const char *call, contactverify_status status,
                     contactverify_result *result)
{
    static const char *const levels[] = { "INFO", "WARN", "ERROR" };
    enum concern concern = INFO;

    if (status != CONTACTVERIFY_OK)
        concern = explain(reply, status, result, strcmp(call, "check") == 0);
    fprintf(stderr, "%s %s status=%s error_code=%s http=%d attempts=%d request_id=%s %s\n",
            levels[concern], call, contactverify_status_name(status),
            contactverify_result_error_code(result), (int)contactverify_result_http_status(result),
            (int)contactverify_result_attempts(result), contactverify_result_request_id(result),
            contactverify_result_message(result));
    contactverify_result_free(result);
}

/* The first page: a code is sent, if the address needs one. */
static void send_code(struct reply *reply, const char *address)
{
    contactverify_need_request question = CONTACTVERIFY_NEED_REQUEST_INIT;
    contactverify_send_request request = CONTACTVERIFY_SEND_REQUEST_INIT;
    contactverify_result *result = NULL;

    /* For a phone: CONTACTVERIFY_SMS, and its area_code. */
    question.contact_value = address;
    question.contact_way = CONTACTVERIFY_EMAIL;
    contactverify_status status = contactverify_need_verify(client, &question, &result);
    int is_known = contactverify_result_need_verify(result) == 0;
    conclude(reply, "ask", status, result);
    if (status != CONTACTVERIFY_OK)
        return;
    if (is_known) {
        /* That somebody verified it once does not let in whoever types it now. */
        say(reply, 409, "This address has signed up before. Please log in.");
        return;
    }

    request.contact_value = address;
    request.contact_way = CONTACTVERIFY_EMAIL;
    request.area_code = "";
    status = contactverify_send_code(client, &request, &result);
    if (status == CONTACTVERIFY_OK)
        say(reply, 202, "A code is on its way. It is good for five minutes.");
    conclude(reply, "send", status, result);
}

/* The second page. Only CONTACTVERIFY_OK makes an account. */
static void check_code(struct reply *reply, const char *address, const char *code)
{
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    contactverify_result *result = NULL;

    request.contact_value = address;
    request.contact_way = CONTACTVERIFY_EMAIL;
    request.verify_code = code;
    contactverify_status status = verify_codes(client, &request, &result);
    if (status == CONTACTVERIFY_OK)
        say(reply, 201, "Welcome.");
    conclude(reply, "check", status, result);
}

int main(int argc, char **argv)
{
    char line[256];

    if (argc != 2) {
        fputs("usage: signup ENDPOINT\n", stderr);
        return 2;
    }
    if (!open_client(argv[1]))
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *address = strtok(line, " \r\n");
        const char *code = strtok(NULL, " \r\n");
        struct reply reply = { 422, "Please give an e-mail address." };

        if (address != NULL && code != NULL)
            check_code(&reply, address, code);
        else if (address != NULL)
            send_code(&reply, address);
        printf("%d %s\n", reply.status, reply.sentence);
        fflush(stdout);
    }
    contactverify_client_free(client);
    return 0;
}

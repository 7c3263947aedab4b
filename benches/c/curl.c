/*
 * What a program would do without this library: libcurl for the request, cJSON for both bodies.
 * The handle, its headers and its address are set up once, as libcurl's documents advise.
 */
#include "contestant.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>

struct session {
    CURL *handle;
    struct curl_slist *headers;
    char *url;
    char *answer;
    size_t length;
    size_t room;
};

static size_t collect(char *bytes, size_t size, size_t count, void *data)
{
    struct session *session = data;
    size_t length = size * count;

    if (session->length + length > session->room) {
        session->room = 2 * (session->length + length);
        session->answer = must(realloc(session->answer, session->room));
    }
    memcpy(session->answer + session->length, bytes, length);
    session->length += length;
    return length;
}

static struct curl_slist *headers(const char *token)
{
    size_t room = strlen(token) + sizeof "X-Auth-Token: ";
    char *line = must(malloc(room));
    struct curl_slist *list = NULL;

    snprintf(line, room, "X-Auth-Token: %s", token);
    list = must(curl_slist_append(list, line));
    list = must(curl_slist_append(list, "Content-Type: application/json"));
    list = must(curl_slist_append(list, "Accept: application/json"));
    free(line);
    return list;
}

static void *open_handle(const struct arguments *arguments)
{
    struct session *session = must(calloc(1, sizeof *session));
    size_t room = strlen(arguments->endpoint) + sizeof VERIFY_PATH;
    /* Where the trust store is, in the variables that curl's own program reads. */
    const char *authorities = arguments->ca_file ? arguments->ca_file : getenv("SSL_CERT_FILE");
    const char *folder = arguments->ca_file ? NULL : getenv("SSL_CERT_DIR");

    session->url = must(malloc(room));
    snprintf(session->url, room, "%s%s", arguments->endpoint, VERIFY_PATH);
    session->headers = headers(arguments->token);
    CURL *handle = session->handle = must(curl_easy_init());
    curl_easy_setopt(handle, CURLOPT_URL, session->url);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, USER_AGENT);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, session->headers);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, session);
    if (authorities != NULL)
        curl_easy_setopt(handle, CURLOPT_CAINFO, authorities);
    if (folder != NULL)
        curl_easy_setopt(handle, CURLOPT_CAPATH, folder);
    return session;
}

static char *body(void)
{
    cJSON *object = must(cJSON_CreateObject());

    cJSON_AddStringToObject(object, "verify_code", VERIFY_CODE);
    cJSON_AddStringToObject(object, "contact_value", CONTACT_VALUE);
    cJSON_AddNumberToObject(object, "contact_way", CONTACT_WAY);
    char *text = must(cJSON_PrintUnformatted(object));
    cJSON_Delete(object);
    return text;
}

static int is_success(const struct session *session)
{
    cJSON *object = cJSON_ParseWithLength(session->answer, session->length);
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, "error_code");
    const char *text = cJSON_GetStringValue(code);
    int success = cJSON_IsObject(object)
                  && (code == NULL || cJSON_IsNull(code) || (text != NULL && *text == '\0'));

    cJSON_Delete(object);
    return success;
}

static int verify(void *data)
{
    struct session *session = data;
    char *text = body();
    long status = 0;

    session->length = 0;
    curl_easy_setopt(session->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(text));
    curl_easy_setopt(session->handle, CURLOPT_POSTFIELDS, text);
    CURLcode outcome = curl_easy_perform(session->handle);
    free(text);
    if (outcome != CURLE_OK) {
        fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(outcome));
        return 0;
    }
    curl_easy_getinfo(session->handle, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 && is_success(session);
}

static void close_handle(void *data)
{
    struct session *session = data;

    curl_easy_cleanup(session->handle);
    curl_slist_free_all(session->headers);
    free(session->url);
    free(session->answer);
    free(session);
}

const struct contestant curl = { "libcurl", 0, 1, open_handle, verify, close_handle };

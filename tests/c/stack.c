/*
 * Calls on threads with a small stack. Arguments: its size in KiB, the endpoints of a plain
 * peer and of one with TLS, and the file with its authority.
 */
#include <limits.h>
#include <pthread.h>

#include "lookup.h"
#include "own.h"

struct ending {
    const char *endpoint;
    const char *ca_file;
    const char *id;
    contactverify_status status;
};

/* What the peer answers to these ids stands in the test that runs this program. */
static void *one_call(void *argument)
{
    const struct ending *ending = (const struct ending *)argument;
    contactverify_client *client = new_trusting_client(ending->endpoint, ending->ca_file);
    contactverify_status status = call(client, ending->id, NULL);

    contactverify_client_free(client);
    if (status != ending->status)
        fprintf(stderr, "%s %s: %s\n", ending->endpoint, ending->id,
                contactverify_status_name(status));
    return status == ending->status ? argument : NULL;
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    const char *plain = argv[2], *tls = argv[3], *ca_file = argv[4];
    struct ending endings[] = {
        {plain, ca_file, "good", CONTACTVERIFY_OK},
        {plain, ca_file, "deep-100", CONTACTVERIFY_REJECTED},
        {plain, ca_file, "deep-126", CONTACTVERIFY_REJECTED},
        {plain, ca_file, "deep-10000", CONTACTVERIFY_BAD_RESPONSE},
        {plain, ca_file, "deep-refusal", CONTACTVERIFY_REQUEST_REFUSED},
        {plain, ca_file, "deep-refusal-10000", CONTACTVERIFY_REQUEST_REFUSED},
        {plain, ca_file, "garbage", CONTACTVERIFY_BAD_RESPONSE},
        {tls, ca_file, "good", CONTACTVERIFY_OK},
        {tls, ca_file, "deep-100", CONTACTVERIFY_REJECTED},
        {tls, ca_file, "deep-refusal", CONTACTVERIFY_REQUEST_REFUSED},
        // The system's authorities, read on this stack, do not know the peer's.
        {tls, NULL, "good", CONTACTVERIFY_TLS_FAILED},
        {"http://127.0.0.1:1", NULL, "refused", CONTACTVERIFY_CONNECT_FAILED},
        {"https://no-such-host.test", NULL, "unknown", CONTACTVERIFY_CONNECT_FAILED},
    };
    pthread_attr_t small;

    CHECK(pthread_attr_init(&small) == 0);
    CHECK(pthread_attr_setstacksize(&small, (size_t)atoi(argv[1]) * 1024) == 0);
    for (size_t number = 0; number < sizeof endings / sizeof *endings; number++) {
        pthread_t thread;
        void *good = NULL;
        CHECK(pthread_create(&thread, &small, one_call, &endings[number]) == 0);
        CHECK(pthread_join(thread, &good) == 0);
        CHECK(good != NULL);
    }
    return done("stack");
}

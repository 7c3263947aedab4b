/*
 * A thread that is cancelled during a call: the call ends as ever, and the thread behind it.
 * Arguments: the endpoints of a plain and of a TLS peer that refuse with the id that they got, the
 * endpoint of one for service.test, and the file with their authority.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "lookup.h"
#include "own.h"

static atomic_int cancelled;
static atomic_int answered;

static void *calls(void *client)
{
    // Nothing in this loop lets the thread end, so the call begins with the cancellation waiting.
    while (!atomic_load(&cancelled))
        ;
    if (gets_own((contactverify_client *)client, "cancelled"))
        atomic_fetch_add(&answered, 1);
    pthread_testcancel();
    return NULL;
}

static void cancel_a_call(const char *endpoint, const char *ca_file)
{
    contactverify_client *client = new_trusting_client(endpoint, ca_file);
    pthread_t thread;
    void *ended = NULL;

    atomic_store(&cancelled, 0);
    atomic_store(&answered, 0);
    CHECK(pthread_create(&thread, NULL, calls, client) == 0);
    CHECK(pthread_cancel(thread) == 0);
    atomic_store(&cancelled, 1);
    CHECK(pthread_join(thread, &ended) == 0);
    CHECK(atomic_load(&answered) == 1);
    CHECK(ended == PTHREAD_CANCELED);
    CHECK(gets_own(client, "next"));
    contactverify_client_free(client);
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    for (int peer = 1; peer <= 3; peer++)
        cancel_a_call(argv[peer], argv[4]);
    return done("cancelled");
}

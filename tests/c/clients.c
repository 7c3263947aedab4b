/*
 * Clients that come and go. Arguments: what to do, the endpoint of a peer that echoes over TLS,
 * and the file with its authority.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "own.h"

enum { THREADS = 16, ROUNDS = 25, CALLS = 60 };

static const char *endpoint, *ca_file;
static atomic_int wrong;

static void *comes_and_goes(void *number)
{
    for (int round = 0; round < ROUNDS; round++) {
        char id[64];
        contactverify_client *client = new_trusting_client(endpoint, ca_file);
        // Some are freed unused.
        snprintf(id, sizeof id, "short-%d-%d", *(int *)number, round);
        if (round % 5 != 0 && !gets_own(client, id))
            atomic_fetch_add(&wrong, 1);
        contactverify_client_free(client);
    }
    return NULL;
}

static void *stays(void *number)
{
    contactverify_client *client = new_trusting_client(endpoint, ca_file);

    for (int call = 0; call < CALLS; call++) {
        char id[64];
        snprintf(id, sizeof id, "long-%d-%d", *(int *)number, call);
        if (!gets_own(client, id))
            atomic_fetch_add(&wrong, 1);
    }
    contactverify_client_free(client);
    return NULL;
}

static void many(void)
{
    pthread_t threads[THREADS + 4];
    int numbers[THREADS + 4];

    for (int thread = 0; thread < THREADS + 4; thread++) {
        numbers[thread] = thread;
        CHECK(pthread_create(&threads[thread], NULL, thread < THREADS ? comes_and_goes : stays,
                             &numbers[thread]) == 0);
    }
    for (int thread = 0; thread < THREADS + 4; thread++)
        CHECK(pthread_join(threads[thread], NULL) == 0);
    CHECK(atomic_load(&wrong) == 0);
}

static void *held(void *client)
{
    return gets_own((contactverify_client *)client, "held") ? client : NULL;
}

/* The peer answers "held" when it has got "release", and "arrived" when it has got "held". */
static void two(void)
{
    contactverify_client *one = new_trusting_client(endpoint, ca_file);
    contactverify_client *other = new_trusting_client(endpoint, ca_file);
    pthread_t thread;
    void *good = NULL;

    CHECK(gets_own(one, "one") && gets_own(other, "other"));
    CHECK(pthread_create(&thread, NULL, held, one) == 0);
    CHECK(gets_own(other, "arrived"));
    contactverify_client_free(other);
    other = new_trusting_client(endpoint, ca_file);
    CHECK(gets_own(other, "release"));
    CHECK(pthread_join(thread, &good) == 0);
    CHECK(good == one);
    contactverify_client_free(one);
    CHECK(gets_own(other, "afterwards"));
    contactverify_client_free(other);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    endpoint = argv[2];
    ca_file = argv[3];
    if (strcmp(argv[1], "many") == 0)
        many();
    else
        two();
    return done("clients");
}

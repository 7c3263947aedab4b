/*
 * Log callbacks that do more than they should. Arguments: which, the endpoint of a peer that
 * echoes over TLS, and the file with its authority.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "own.h"

enum { THREADS = 8, CALLS = 40 };

static contactverify_client *client;
static atomic_int lines, inner_calls, wrong;
static __thread int inside;

static void blocks(void *data, int32_t level, const char *line)
{
    struct timespec a_while = {0, 50 * 1000 * 1000};

    (void)level;
    (void)line;
    atomic_fetch_add((atomic_int *)data, 1);
    nanosleep(&a_while, NULL);
}

static void calls_back(void *data, int32_t level, const char *line)
{
    (void)level;
    (void)line;
    int number = atomic_fetch_add((atomic_int *)data, 1);
    // A call inside a callback logs as well; one level is enough.
    if (inside++ == 0) {
        char id[64];
        snprintf(id, sizeof id, "inner-%d", number);
        if (!gets_own(client, id))
            atomic_fetch_add(&wrong, 1);
        atomic_fetch_add(&inner_calls, 1);
    }
    inside--;
}

static void counts(void *data, int32_t level, const char *line)
{
    if (level < CONTACTVERIFY_LOG_ERROR || level > CONTACTVERIFY_LOG_DEBUG || *line == 0
        || strchr(line, '\n') != NULL)
        atomic_fetch_add(&wrong, 1);
    atomic_fetch_add((atomic_int *)data, 1);
}

static void make_client(const char *endpoint, const char *ca_file,
                        contactverify_log_callback callback)
{
    contactverify_config *config = contactverify_config_new();

    CHECK(contactverify_config_set_endpoint(config, endpoint) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_auth_token(config, "token") == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_ca_file(config, ca_file) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_log_callback(config, CONTACTVERIFY_LOG_DEBUG, callback, &lines)
          == CONTACTVERIFY_OK);
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_OK);
    contactverify_config_free(config);
}

static void *caller(void *number)
{
    for (int call = 0; call < CALLS; call++) {
        char id[64];
        snprintf(id, sizeof id, "outer-%d-%d", *(int *)number, call);
        if (!gets_own(client, id))
            atomic_fetch_add(&wrong, 1);
    }
    return NULL;
}

static void call_on_threads(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    for (int thread = 0; thread < THREADS; thread++) {
        numbers[thread] = thread;
        CHECK(pthread_create(&threads[thread], NULL, caller, &numbers[thread]) == 0);
    }
    for (int thread = 0; thread < THREADS; thread++)
        CHECK(pthread_join(threads[thread], NULL) == 0);
    CHECK(atomic_load(&wrong) == 0);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    if (strcmp(argv[1], "blocks") == 0) {
        struct timespec begin, end;
        make_client(argv[2], argv[3], blocks);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        call_on_threads();
        clock_gettime(CLOCK_MONOTONIC, &end);
        // Who waits, waits for itself: one after the other they would take 16 seconds.
        CHECK(atomic_load(&lines) >= THREADS * CALLS);
        CHECK(end.tv_sec - begin.tv_sec < THREADS * CALLS * 50 / 1000 / 2);
    } else if (strcmp(argv[1], "calls") == 0) {
        make_client(argv[2], argv[3], calls_back);
        call_on_threads();
        CHECK(atomic_load(&inner_calls) >= THREADS * CALLS);
    } else {
        make_client(argv[2], argv[3], counts);
        call_on_threads();
        // A line for each call, and one for each connection.
        CHECK(atomic_load(&lines) > THREADS * CALLS);
        CHECK(atomic_load(&lines) <= THREADS * CALLS + THREADS);
    }
    contactverify_client_free(client);
    return done("callbacks");
}

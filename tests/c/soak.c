/*
 * 20,000 calls while the peer misbehaves, by the number at the end of each id. Argument: its
 * endpoint.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "own.h"

enum { THREADS = 4, FIRST = 5000, ALL = 20000 };

static contactverify_client *client;
static atomic_int next, wrong;

/* What the peer does with a call stands in the test that runs this program. */
static contactverify_status expected(int number)
{
    switch (number % 100) {
    case 0:
    case 1:
        return CONTACTVERIFY_CONNECTION_LOST;
    case 2:
        return CONTACTVERIFY_BAD_RESPONSE;
    case 3:
        return CONTACTVERIFY_UNAUTHORIZED;
    default:
        return CONTACTVERIFY_REJECTED;
    }
}

static void *caller(void *last)
{
    int number;

    while ((number = atomic_fetch_add(&next, 1)) < *(int *)last) {
        char id[64], error_code[65];
        snprintf(id, sizeof id, "%d", number);
        contactverify_status status = call(client, id, error_code);
        if (status != expected(number)
            || (status == CONTACTVERIFY_REJECTED && strcmp(id, error_code) != 0)) {
            fprintf(stderr, "call %s: %s \"%s\"\n", id, contactverify_status_name(status),
                    error_code);
            atomic_fetch_add(&wrong, 1);
        }
    }
    return NULL;
}

static void call_until(int last)
{
    pthread_t threads[THREADS];

    for (int thread = 0; thread < THREADS; thread++)
        CHECK(pthread_create(&threads[thread], NULL, caller, &last) == 0);
    for (int thread = 0; thread < THREADS; thread++)
        CHECK(pthread_join(threads[thread], NULL) == 0);
    // Each thread that ended took one number too many.
    atomic_store(&next, last);
    CHECK(atomic_load(&wrong) == 0);
}

static long resident_bytes(void)
{
    long all = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    CHECK(statm != NULL && fscanf(statm, "%ld %ld", &all, &resident) == 2);
    fclose(statm);
    return resident * sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    client = new_client(argv[1]);
    int descriptors = count("/proc/self/fd"), threads = count("/proc/self/task");
    call_until(FIRST);
    long resident = resident_bytes();
    size_t bytes = mallinfo2().uordblks;
    call_until(ALL);
    long resident_later = resident_bytes();
    size_t bytes_later = mallinfo2().uordblks;
    fprintf(stderr, "resident %ld, then %ld; in use %zu, then %zu\n", resident, resident_later,
            bytes, bytes_later);
    CHECK(resident_later <= resident + 1024 * 1024);
    // Up to one connection per thread is kept, with its buffers.
    CHECK(bytes_later <= bytes + THREADS * 32 * 1024);
    CHECK(count("/proc/self/fd") <= descriptors + THREADS);
    CHECK(count("/proc/self/task") == threads);
    contactverify_client_free(client);
    CHECK(count("/proc/self/fd") == descriptors);
    return done("soak");
}

/*
 * Makes calls on many threads at once, as CONTESTANT: on one session if it can be shared, else
 * on one for each thread. The connections are made before the clock starts.
 *
 * Prints, separated by tabs: nanoseconds that all calls took together, nanoseconds of CPU time
 * of this process, and, at the end, with every connection idle, how many connections there are
 * and this process's resident memory in KiB.
 */
#include "contestant.h"

#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * In the first, some threads are answered before others have started, and the others take over
 * their connections. In the second all start at once, so that each gets one of its own.
 */
#define WARM_UPS 2

static struct arguments arguments;
static pthread_barrier_t barrier;

static void must_verify(void *session)
{
    if (!CONTESTANT.verify(session))
        fail(CONTESTANT.name);
}

static void *run(void *session)
{
    for (int i = 0; i < WARM_UPS; i++) {
        must_verify(session);
        pthread_barrier_wait(&barrier);
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < arguments.calls; i++)
        must_verify(session);
    return NULL;
}

static int connections(void)
{
    int count = 0;

    for (int descriptor = 0; descriptor < getdtablesize(); descriptor++) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;

        /* libcurl has pairs of local sockets too. */
        if (getpeername(descriptor, (struct sockaddr *)&peer, &length) == 0
            && peer.sin_family == AF_INET)
            count++;
    }
    return count;
}

static long resident_kib(void)
{
    FILE *file = must(fopen("/proc/self/status", "r"));
    char line[256];
    long kib = -1;

    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    fclose(file);
    return kib;
}

int main(int argc, char **argv)
{
    arguments = parse(argc, argv);
    int count = arguments.threads;
    pthread_t *threads = must(calloc((size_t)count, sizeof *threads));
    void **sessions = must(calloc((size_t)count, sizeof *sessions));

    pthread_barrier_init(&barrier, NULL, (unsigned)count + 1);
    for (int i = 0; i < count; i++) {
        sessions[i] = i > 0 && CONTESTANT.shared ? sessions[0] : CONTESTANT.open(&arguments);
        if (pthread_create(&threads[i], NULL, run, sessions[i]) != 0)
            fail("no thread");
    }
    for (int i = 0; i < WARM_UPS; i++)
        pthread_barrier_wait(&barrier);
    int64_t cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    int64_t begin = now(CLOCK_MONOTONIC);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    int64_t took = now(CLOCK_MONOTONIC) - begin;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    /* What the allocator keeps of freed memory is not what connections need. */
    malloc_trim(0);
    printf("%lld\t%lld\t%d\t%ld\n", (long long)took, (long long)cpu, connections(),
           resident_kib());

    for (int i = 0; i < count; i++)
        if (i == 0 || !CONTESTANT.shared)
            CONTESTANT.close(sessions[i]);
    pthread_barrier_destroy(&barrier);
    free(sessions);
    free(threads);
    free(arguments.token);
    return 0;
}

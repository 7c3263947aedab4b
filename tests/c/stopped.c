/*
 * Forks while another thread stands still inside the library: at the first allocation of its
 * first call, then in a new process at the second, and so on. So whatever is held there, locks
 * and half-made values, is held for ever in the child. Arguments: the endpoint of a peer that
 * echoes, and the file with its authority.
 */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own.h"

enum { ALL_DONE = 77, LIMIT_SECONDS = 20 };

static const char *endpoint, *ca_file;
static sem_t stopped, go_on;
static int finished;
/* How many allocations of this thread are left until it stops; 0: it does not. */
static __thread int left;

static void stop_in_time(void)
{
    if (left > 0 && --left == 0) {
        sem_post(&stopped);
        sem_wait(&go_on);
    }
}

/* These go before the C library's own, which has them under these names too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);

void *malloc(size_t size)
{
    stop_in_time();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    stop_in_time();
    return __libc_calloc(count, size);
}

/* A client from its beginning to its end. */
static int whole_life(const char *id)
{
    contactverify_client *client = new_trusting_client(endpoint, ca_file);
    int good = gets_own(client, id);

    contactverify_client_free(client);
    return good;
}

static void *stops(void *allocation)
{
    left = *(int *)allocation;
    int good = whole_life("stopped");
    finished = left > 0;
    left = 0;
    sem_post(&stopped);
    return good ? allocation : NULL;
}

/* What a child ended with; a signal is less than 0. */
static int exit_status(pid_t child)
{
    int status = 0;

    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A process in which one thread stops at this allocation while the other one forks. */
static int fork_at(int allocation)
{
    pthread_t thread;
    void *good = NULL;

    CHECK(pthread_create(&thread, NULL, stops, &allocation) == 0);
    sem_wait(&stopped);
    if (!finished) {
        pid_t child = fork();
        if (child == 0) {
            alarm(LIMIT_SECONDS / 2);
            _exit(whole_life("child") ? 0 : 1);
        }
        int status = exit_status(child);
        sem_post(&go_on);
        if (status != 0)
            fprintf(stderr, "allocation %d: the child ended with %d\n", allocation, status);
        CHECK(status == 0);
    }
    CHECK(pthread_join(thread, &good) == 0 && good != NULL);
    return finished ? ALL_DONE : 0;
}

int main(int argc, char **argv)
{
    int status, allocation = 0;

    CHECK(argc == 3);
    endpoint = argv[1];
    ca_file = argv[2];
    CHECK(sem_init(&stopped, 0, 0) == 0 && sem_init(&go_on, 0, 0) == 0);
    do {
        pid_t young = fork();
        allocation++;
        if (young == 0) {
            alarm(LIMIT_SECONDS);
            _exit(fork_at(allocation));
        }
        status = exit_status(young);
        CHECK(status == 0 || status == ALL_DONE);
    } while (status == 0);
    // A TLS handshake alone allocates more often than that.
    CHECK(allocation > 100);
    return done("stopped");
}

/*
 * A program that forks while its threads are in calls. Arguments: what to do, the endpoint of
 * a peer that echoes, and the file with its authority.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own.h"

enum { THREADS = 8, FORKS = 150, GENERATIONS = 6, LIMIT_SECONDS = 20 };

static contactverify_client *client;
static atomic_int stop, calls, wrong;

static void *busy(void *number)
{
    for (int call = 0; !atomic_load(&stop); call++) {
        char id[64];
        snprintf(id, sizeof id, "parent-%d-%d", *(int *)number, call);
        if (!gets_own(client, id))
            atomic_fetch_add(&wrong, 1);
        atomic_fetch_add(&calls, 1);
    }
    return NULL;
}

/* Forks; the alarm ends a child that hangs. */
static pid_t fork_with_limit(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        alarm(LIMIT_SECONDS);
    return child;
}

/* Whether the child ended with 0, within its limit. */
static int ended_well(pid_t child)
{
    int status = 0;

    if (child < 0 || waitpid(child, &status, 0) != child)
        return 0;
    if (WIFSIGNALED(status))
        fprintf(stderr, "child %d: signal %d\n", (int)child, WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Two calls in a child, with ids that no other process has. */
static int two_calls(int generation)
{
    char id[64];
    int good = 1;

    for (int call = 0; call < 2; call++) {
        snprintf(id, sizeof id, "child-%d-%d-%d", (int)getpid(), generation, call);
        good &= gets_own(client, id);
    }
    return good;
}

/* A child of a child of a child ...: each calls before and after the next one has called. */
static int generations(int left)
{
    int good = two_calls(2 * left);
    pid_t child;

    if (left == 0)
        return good;
    child = fork_with_limit();
    if (child == 0)
        _exit(generations(left - 1) ? 0 : 1);
    return ended_well(child) & good & two_calls(2 * left + 1);
}

static void fork_while_busy(void)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    for (int thread = 0; thread < THREADS; thread++) {
        numbers[thread] = thread;
        CHECK(pthread_create(&threads[thread], NULL, busy, &numbers[thread]) == 0);
    }
    for (int number = 0; number < FORKS; number++) {
        pid_t child = fork_with_limit();
        if (child == 0) {
            int good = number % 10 == 0 ? generations(2) : two_calls(0);
            if (number % 3 == 0)
                contactverify_client_free(client);
            if (number % 2 == 0)
                exit(good ? 0 : 1);
            _exit(good ? 0 : 1);
        }
        CHECK(ended_well(child));
    }
    atomic_store(&stop, 1);
    for (int thread = 0; thread < THREADS; thread++)
        CHECK(pthread_join(threads[thread], NULL) == 0);
    CHECK(atomic_load(&wrong) == 0);
    CHECK(atomic_load(&calls) > FORKS);
}

static void fork_before_any_call(void)
{
    for (int round = 0; round < 10; round++) {
        pid_t child = fork_with_limit();
        if (child == 0) {
            int good = round % 2 == 0 ? two_calls(0) : 1;
            contactverify_client_free(client);
            exit(good ? 0 : 1);
        }
        // The parent's first calls happen beside the first child.
        CHECK(two_calls(0));
        CHECK(ended_well(child));
    }
}

/* Process 1 of a container makes another container: in both, the process id is 1. */
static void fork_into_containers(void)
{
    if (unshare(CLONE_NEWPID) != 0) {
        printf("skipped: process ids of their own need more rights\n");
        CHECK(1);
        return;
    }
    pid_t outer = fork_with_limit();
    if (outer == 0) {
        if (getpid() != 1 || !two_calls(0) || unshare(CLONE_NEWPID) != 0)
            _exit(2);
        pid_t inner = fork_with_limit();
        if (inner == 0)
            _exit(getpid() == 1 && two_calls(1) ? 0 : 1);
        int good = ended_well(inner);
        _exit(good & two_calls(2) ? 0 : 1);
    }
    CHECK(ended_well(outer));
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    client = new_trusting_client(argv[2], argv[3]);
    if (strcmp(argv[1], "busy") == 0)
        fork_while_busy();
    else if (strcmp(argv[1], "before") == 0)
        fork_before_any_call();
    else if (strcmp(argv[1], "generations") == 0)
        CHECK(generations(GENERATIONS));
    else
        fork_into_containers();
    contactverify_client_free(client);
    return done("fork");
}

/*
 * Times all contestants against one server, in turns. Each round begins with another one, so
 * that what disturbs the machine disturbs all of them alike.
 *
 * Prints per round and contestant: its name, and the median and the minimum of its calls in
 * nanoseconds, separated by tabs.
 */
#include "contestant.h"

/* The first calls of a turn find the caches full of what the one before used. */
#define WARM_UP_CALLS 20

static const struct contestant *const all[] = { &raw, &curl, &library };
enum { ALL = sizeof all / sizeof all[0] };

static void turn(const struct contestant *contestant, void *session, int64_t *times, int calls)
{
    for (int i = -WARM_UP_CALLS; i < calls; i++) {
        int64_t begin = now(CLOCK_MONOTONIC);
        if (!contestant->verify(session))
            fail(contestant->name);
        if (i >= 0)
            times[i] = now(CLOCK_MONOTONIC) - begin;
    }
    sort(times, calls);
    printf("%s\t%lld\t%lld\n", contestant->name, (long long)times[calls / 2], (long long)times[0]);
}

int main(int argc, char **argv)
{
    struct arguments arguments = parse(argc, argv);
    int tls = strncmp(arguments.endpoint, "https:", 6) == 0;
    int64_t *times = must(calloc((size_t)arguments.calls, sizeof *times));
    const struct contestant *contestants[ALL];
    void *sessions[ALL];
    int count = 0;

    for (int i = 0; i < ALL; i++)
        if (all[i]->speaks_tls || !tls)
            contestants[count++] = all[i];
    for (int i = 0; i < count; i++)
        sessions[i] = contestants[i]->open(&arguments);
    for (int round = 0; round < arguments.rounds; round++)
        for (int i = 0; i < count; i++) {
            int next = (round + i) % count;
            turn(contestants[next], sessions[next], times, arguments.calls);
        }
    for (int i = 0; i < count; i++)
        contestants[i]->close(sessions[i]);
    free(times);
    free(arguments.token);
    return 0;
}

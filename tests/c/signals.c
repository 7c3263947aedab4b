/*
 * A program with signals and settings of its own. Arguments: what to look at, the endpoints of
 * a plain peer and of one with TLS, and the file with its authority.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lookup.h"
#include "own.h"

static atomic_int ticks;

static void tick(int signal)
{
    (void)signal;
    atomic_fetch_add(&ticks, 1);
}

/* The peer breaks each connection in another way; SIGPIPE would end this program. */
static void broken_pipes(const char *plain, const char *tls, const char *ca_file)
{
    contactverify_client *clients[] = {new_client(plain), new_trusting_client(tls, ca_file)};
    // A long token makes the request leave in more than one piece.
    char token[5001];

    memset(token, 'x', 5000);
    token[5000] = 0;
    signal(SIGPIPE, SIG_DFL);
    for (int round = 0; round < 200; round++) {
        contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
        request.verify_code = "123456";
        request.contact_value = "alice@example.com";
        request.contact_way = CONTACTVERIFY_EMAIL;
        request.auth_token = token;
        contactverify_status status = verify_codes(clients[round % 2], &request, NULL);
        CHECK(status == CONTACTVERIFY_CONNECTION_LOST || status == CONTACTVERIFY_CONNECT_FAILED
              || status == CONTACTVERIFY_TLS_FAILED);
    }
    contactverify_client_free(clients[0]);
    contactverify_client_free(clients[1]);
}

/* A timer strikes every 2 ms and interrupts whatever waits. */
static void timer(const char *plain, const char *tls, const char *ca_file)
{
    struct sigaction action;
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    contactverify_client *kept = new_client(plain);
    int good = 0;

    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    for (int number = 0; number < 300; number++) {
        char id[64];
        // The peer takes 20 ms for a slow one. A new client makes a new handshake.
        snprintf(id, sizeof id, "%s-%d", number % 10 == 0 ? "slow" : "fast", number);
        if (number % 3 == 0) {
            contactverify_client *fresh = new_trusting_client(tls, ca_file);
            good += gets_own(fresh, id);
            contactverify_client_free(fresh);
        } else {
            good += gets_own(kept, id);
        }
    }
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(good == 300);
    CHECK(atomic_load(&ticks) > 100);
    contactverify_client_free(kept);
}

/* What belongs to the program and must be the same after a call. */
struct belongings {
    struct sigaction actions[65];
    sigset_t mask;
    char locale[256];
    char folder[4096];
    mode_t umask;
    struct rlimit descriptors;
    stack_t stack;
};

static void look(struct belongings *all)
{
    memset(all, 0, sizeof *all);
    for (int signal = 1; signal <= 64; signal++)
        sigaction(signal, NULL, &all->actions[signal]);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &all->mask) == 0);
    snprintf(all->locale, sizeof all->locale, "%s", setlocale(LC_ALL, NULL));
    CHECK(getcwd(all->folder, sizeof all->folder) != NULL);
    all->umask = umask(0);
    umask(all->umask);
    CHECK(getrlimit(RLIMIT_NOFILE, &all->descriptors) == 0);
    CHECK(sigaltstack(NULL, &all->stack) == 0);
}

/* Field by field: what the system leaves between them may differ. */
static void same(const struct belongings *before, const struct belongings *after)
{
    for (int signal = 1; signal <= 64; signal++) {
        CHECK(before->actions[signal].sa_handler == after->actions[signal].sa_handler);
        CHECK(before->actions[signal].sa_flags == after->actions[signal].sa_flags);
        for (int other = 1; other <= 64; other++)
            CHECK(sigismember(&before->actions[signal].sa_mask, other)
                  == sigismember(&after->actions[signal].sa_mask, other));
        CHECK(sigismember(&before->mask, signal) == sigismember(&after->mask, signal));
    }
    CHECK(strcmp(before->locale, after->locale) == 0);
    CHECK(strcmp(before->folder, after->folder) == 0);
    CHECK(before->umask == after->umask);
    CHECK(before->descriptors.rlim_cur == after->descriptors.rlim_cur);
    CHECK(before->stack.ss_sp == after->stack.ss_sp);
    CHECK(before->stack.ss_flags == after->stack.ss_flags);
}

static void unchanged(const char *plain, const char *tls, const char *ca_file)
{
    static struct belongings before, after;
    struct { const char *endpoint; contactverify_status status; } cases[] = {
        {plain, CONTACTVERIFY_REJECTED},
        {tls, CONTACTVERIFY_REJECTED},
        {"http://127.0.0.1:1", CONTACTVERIFY_CONNECT_FAILED},
        {"https://no-such-host.test", CONTACTVERIFY_CONNECT_FAILED},
    };
    sigset_t blocked;

    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    CHECK(chdir("/") == 0);
    umask(027);
    signal(SIGUSR1, tick);
    signal(SIGINT, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);
    look(&before);
    int descriptors = count("/proc/self/fd"), threads = count("/proc/self/task");
    for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
        errno = 4711;
        contactverify_client *client = new_trusting_client(cases[number].endpoint, ca_file);
        CHECK(errno == 4711);
        contactverify_status status = call(client, "unchanged", NULL);
        CHECK(errno == 4711);
        contactverify_client_free(client);
        CHECK(errno == 4711);
        CHECK(status == cases[number].status);
        look(&after);
        same(&before, &after);
    }
    CHECK(count("/proc/self/fd") == descriptors);
    // The thread of a lookup goes by itself, a moment after it has answered.
    for (int wait = 0; wait < 1000 && count("/proc/self/task") != threads; wait++)
        usleep(1000);
    CHECK(count("/proc/self/task") == threads);
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    if (strcmp(argv[1], "pipes") == 0)
        broken_pipes(argv[2], argv[3], argv[4]);
    else if (strcmp(argv[1], "timer") == 0)
        timer(argv[2], argv[3], argv[4]);
    else
        unchanged(argv[2], argv[3], argv[4]);
    return done("signals");
}

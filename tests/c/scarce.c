/*
 * A program that has run out of something. Arguments: of what, the endpoint of a peer for
 * service.test, and the file with its authority; with "login", the endpoints of two peers, of
 * which the second is IAM.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lookup.h"
#include "own.h"

static atomic_int refuse_threads, refused;

/* Goes before the C library's own: no thread is to be had, as with a limit on processes. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    typedef int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (atomic_load(&refuse_threads)) {
        atomic_fetch_add(&refused, 1);
        return EAGAIN;
    }
    return ((create)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, run, argument);
}

static void no_thread(contactverify_client *client)
{
    atomic_store(&refuse_threads, 1);
    for (int round = 0; round < 20; round++)
        CHECK(call(client, "none", NULL) == CONTACTVERIFY_CONNECT_FAILED);
    CHECK(atomic_load(&refused) >= 20);
    atomic_store(&refuse_threads, 0);
    CHECK(gets_own(client, "again"));
    // What is kept or known needs no thread.
    atomic_store(&refuse_threads, 1);
    CHECK(gets_own(client, "kept"));
}

static int told_not_renewed;

static void hears_of_threads(void *told, int32_t level, const char *line)
{
    (void)level;
    if (strstr(line, "not renewed: no thread") != NULL)
        *(int *)told = 1;
}

/* Each call for which there is no token makes the login itself, and no call fails. */
static void no_thread_for_a_login(const char *endpoint, const char *iam_endpoint)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = NULL;

    contactverify_config_set_endpoint(config, endpoint);
    contactverify_config_set_iam_endpoint(config, iam_endpoint);
    contactverify_config_set_iam_password(config, "account", "user", "password");
    contactverify_config_set_log_callback(config, CONTACTVERIFY_LOG_WARN, hears_of_threads,
                                          &told_not_renewed);
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_OK);
    contactverify_config_free(config);
    atomic_store(&refuse_threads, 1);
    CHECK(gets_own(client, "first"));
    CHECK(atomic_load(&refused) == 1);
    // A token that lives for a second is renewed from its last fifth on.
    while (!told_not_renewed)
        CHECK(gets_own(client, "again"));
    contactverify_client_free(client);
}

static int taken[4096];
static int takes;

/* Takes every descriptor but `left`. */
static void take_all_but(int left)
{
    struct rlimit limit;

    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 64;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (takes = 0; (taken[takes] = dup(0)) >= 0; takes++)
        ;
    CHECK(errno == EMFILE && takes >= left);
    while (left-- > 0)
        close(taken[--takes]);
}

static void give_back(void)
{
    while (takes > 0)
        close(taken[--takes]);
}

/* With no descriptor nothing goes; with few of them, whatever happens must not last. */
static void no_descriptor(const char *endpoint, const char *ca_file)
{
    for (int left = 0; left <= 4; left++) {
        contactverify_client *client = new_trusting_client(endpoint, ca_file);
        take_all_but(left);
        for (int round = 0; round < 5; round++) {
            contactverify_status status = call(client, "few", NULL);
            if (left == 0)
                CHECK(status == CONTACTVERIFY_CONNECT_FAILED);
            else
                CHECK(status == CONTACTVERIFY_REJECTED || status == CONTACTVERIFY_CONNECT_FAILED
                      || status == CONTACTVERIFY_TLS_FAILED);
        }
        give_back();
        fprintf(stderr, "%d left before:\n", left);
        CHECK(gets_own(client, "again"));
        contactverify_client_free(client);
    }
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    // An empty text means the system's authorities.
    const char *ca_file = *argv[3] == 0 ? NULL : argv[3];
    if (strcmp(argv[1], "descriptors") == 0) {
        no_descriptor(argv[2], ca_file);
    } else if (strcmp(argv[1], "login") == 0) {
        no_thread_for_a_login(argv[2], argv[3]);
    } else {
        contactverify_client *client = new_trusting_client(argv[2], ca_file);
        no_thread(client);
        contactverify_client_free(client);
    }
    return done("scarce");
}

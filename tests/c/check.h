/* What the C tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include <contactverify.h>

static int checks;

#define CHECK(condition) \
    ((condition) ? (void)__atomic_fetch_add(&checks, 1, __ATOMIC_RELAXED) \
                 : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition), exit(1)))

/* Says that a program did what it should; its runner looks for this line. */
static inline int done(const char *name)
{
    printf("%s: %d checks\n", name, checks);
    return checks > 0 ? 0 : 1;
}

/* A client for an endpoint, with a token. It trusts a file's authorities, or with NULL the system's. */
static inline contactverify_client *new_trusting_client(const char *endpoint, const char *ca_file)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = NULL;
    contactverify_result *result = NULL;

    CHECK(contactverify_config_set_endpoint(config, endpoint) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_auth_token(config, "sandbox-token") == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_ca_file(config, ca_file) == CONTACTVERIFY_OK);
    CHECK(contactverify_client_new(config, &client, &result) == CONTACTVERIFY_OK);
    CHECK(client != NULL && result == NULL);
    contactverify_config_free(config);
    return client;
}

static inline contactverify_client *new_client(const char *endpoint)
{
    return new_trusting_client(endpoint, NULL);
}

#endif

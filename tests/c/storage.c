/*
 * A program with much storage of each thread, which the C library cuts out of every stack.
 * Arguments: the endpoint of a peer for service.test, the endpoint of one that plays IAM, and the
 * file with their authority.
 */
#include "lookup.h"
#include "own.h"

static _Thread_local volatile char storage[1024 * 1024];

int main(int argc, char **argv)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = NULL;

    CHECK(argc == 4);
    storage[argc] = 1;
    contactverify_config_set_endpoint(config, argv[1]);
    contactverify_config_set_ca_file(config, argv[3]);
    contactverify_config_set_iam_endpoint(config, argv[2]);
    contactverify_config_set_iam_password(config, "account", "user", "password");
    CHECK(contactverify_client_new(config, &client, NULL) == CONTACTVERIFY_OK);
    contactverify_config_free(config);
    CHECK(gets_own(client, "with a lookup and a login"));
    CHECK(storage[argc] == 1);
    contactverify_client_free(client);
    return done("storage");
}

/* Loads the library, calls, and unloads it, 1,000 times. Arguments: the library, an endpoint. */
#include <dlfcn.h>
#include <malloc.h>

#include "own.h"

#define FUNCTION(name) __typeof__(&name) name##_ = (__typeof__(&name))dlsym(library, #name)

static void once(const char *path, const char *endpoint)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    CHECK(library != NULL);
    FUNCTION(contactverify_config_new);
    FUNCTION(contactverify_config_set_endpoint);
    FUNCTION(contactverify_config_set_auth_token);
    FUNCTION(contactverify_config_free);
    FUNCTION(contactverify_client_new);
    FUNCTION(contactverify_client_free);
    FUNCTION(contactverify_result_error_code);
    FUNCTION(contactverify_result_free);
    FUNCTION(verify_codes);

    contactverify_config *config = contactverify_config_new_();
    contactverify_client *client = NULL;
    contactverify_result *result = NULL;
    contactverify_request request = CONTACTVERIFY_REQUEST_INIT;
    request.verify_code = "123456";
    request.contact_value = "alice@example.com";
    request.contact_way = CONTACTVERIFY_EMAIL;
    request.customer_id = "reload";
    CHECK(contactverify_config_set_endpoint_(config, endpoint) == CONTACTVERIFY_OK);
    CHECK(contactverify_config_set_auth_token_(config, "token") == CONTACTVERIFY_OK);
    CHECK(contactverify_client_new_(config, &client, NULL) == CONTACTVERIFY_OK);
    contactverify_config_free_(config);
    CHECK(verify_codes_(client, &request, &result) == CONTACTVERIFY_REJECTED);
    CHECK(strcmp(contactverify_result_error_code_(result), "reload") == 0);
    contactverify_result_free_(result);
    contactverify_client_free_(client);
    CHECK(dlclose(library) == 0);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    // The program itself is not linked with the library, so unloading it is up to the library.
    CHECK(dlopen("libcontactverify.so.0.1", RTLD_NOW | RTLD_NOLOAD) == NULL);
    for (int round = 0; round < 50; round++)
        once(argv[1], argv[2]);
    int descriptors = count("/proc/self/fd"), threads = count("/proc/self/task");
    size_t bytes = mallinfo2().uordblks;
    for (int round = 0; round < 950; round++)
        once(argv[1], argv[2]);
    CHECK(count("/proc/self/fd") == descriptors);
    CHECK(count("/proc/self/task") == threads);
    CHECK(mallinfo2().uordblks <= bytes + 4096);
    return done("reload");
}

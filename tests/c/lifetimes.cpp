// Calls before main begins and after it has returned. The environment gives the endpoint of a
// peer that echoes over TLS and the file with its authority.
#include <pthread.h>

#include <thread>

#include "lookup.h"
#include "own.h"

namespace {

int good_calls = 0;
int lines = 0;

void counts(void *, int32_t, const char *)
{
    lines++;
}

// A new client every time, so that each call looks the name up, connects and shakes hands.
void one_call(const char *when)
{
    contactverify_config *config = contactverify_config_new();
    contactverify_client *client = nullptr;

    contactverify_config_set_endpoint(config, getenv("SERVICE_ENDPOINT"));
    contactverify_config_set_auth_token(config, "token");
    contactverify_config_set_ca_file(config, getenv("SERVICE_CA_FILE"));
    contactverify_config_set_log_callback(config, CONTACTVERIFY_LOG_DEBUG, counts, nullptr);
    CHECK(contactverify_client_new(config, &client, nullptr) == CONTACTVERIFY_OK);
    contactverify_config_free(config);

    const int before = lines;
    const bool good = gets_own(client, when) && lines > before;
    contactverify_client_free(client);
    if (!good)
        _Exit(1);
    good_calls++;
}

// The first object that is made is the last that goes: it tells how it all ended.
struct Last {
    ~Last()
    {
        CHECK(good_calls == 10);
        printf("lifetimes: %d calls\n", good_calls);
        fflush(stdout);
    }
} last;

struct Static {
    Static() { one_call("static constructor"); }
    ~Static() { one_call("static destructor"); }
} object;

struct OfThread {
    const char *when = nullptr;
    ~OfThread() { one_call(when); }
};

// Made before the library is first used on its thread, so it goes after what the library has there.
thread_local OfThread of_thread;

pthread_key_t key;

} // namespace

int main()
{
    one_call("main");
    CHECK(atexit([] { one_call("atexit"); }) == 0);
    // What has a key goes last of all on a thread.
    CHECK(pthread_key_create(&key, [](void *) { one_call("key"); }) == 0);
    std::thread([] { of_thread.when = "first use of a thread"; }).join();
    std::thread([] {
        of_thread.when = "last use of a thread";
        one_call("thread");
        pthread_setspecific(key, &key);
    }).join();
    std::thread([] { pthread_setspecific(key, &key); }).join();
    of_thread.when = "last use of the main thread";
    return 0;
}

// Calls before main begins and after it has returned. The environment gives the endpoint of a
// peer that echoes over TLS and the file with its authority.
#include <pthread.h>

#include <thread>

#include "lookup.h"
#include "own.h"

namespace {

int good_calls = 0;

// A new client every time, so that each call looks the name up, connects and shakes hands.
void one_call(const char *when)
{
    contactverify_client *client =
        new_trusting_client(getenv("SERVICE_ENDPOINT"), getenv("SERVICE_CA_FILE"));
    const bool good = gets_own(client, when);
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

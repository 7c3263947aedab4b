// What this header allocates: secrets are wiped before their memory goes back, on every way out,
// and a verdict is not lost for want of memory. Argument 1 is the endpoint of a peer that
// confirms everything.
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "common.hpp"

using contactverify::Client;
using contactverify::Config;
using contactverify::Secret;

static constexpr std::string_view canary = "canary";
static int found;
static int freed;
// How many allocations are still granted; -1: any number.
static int granted = -1;

void *operator new(std::size_t size)
{
    if (granted == 0)
        throw std::bad_alloc();
    if (granted > 0)
        granted--;
    void *memory = calloc(1, size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

void operator delete(void *memory) noexcept
{
    if (memory == nullptr)
        return;
    const auto *begin = static_cast<const char *>(memory);
    const auto *end = begin + malloc_usable_size(memory);
    found += std::search(begin, end, canary.begin(), canary.end()) != end;
    freed++;
    free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    operator delete(memory);
}

static void searches()
{
    // What is not wiped is found.
    const std::string careless("canary-that-is-too-long-to-be-kept-without-an-allocation");
    {
        const std::string copy(careless); // NOLINT: the copy is what is tested.
        CHECK(copy == careless);
    }
    CHECK(found == 1);
}

static void settings(const char *endpoint)
{
    constexpr const char *text = "canary-text-of-a-setting";
    freed = 0;
    Config config;
    config.endpoint(endpoint).iam_password("domain", "user", text).access_key(text, text, text);
    config.proxy("http://user:canary@127.0.0.1:1").proxy(nullptr).auth_token(text);
    CHECK(freed >= 8 && found == 0);
    // Refused by C.
    config.auth_token("canary \xff").access_key(text, nullptr);
    CHECK(!Client::try_create(config) && found == 0);
    // The second copy fails when the first one is there.
    bool failed = false;
    granted = 1;
    try {
        config.iam_password(text, text, text);
    } catch (const std::bad_alloc &) {
        failed = true;
    }
    granted = -1;
    CHECK(failed && found == 0);
}

static void requests(const Client &client)
{
    freed = 0;
    {
        auto request = request_with("id");
        request.verify_code = "canary";
        request.auth_token = std::string_view("canary-token-of-a-request");
        const auto copy = request;
        CHECK(client.verify_codes(copy).verified());
        // A shorter text in the place of a longer one.
        request.auth_token = "short";
        auto moved = std::move(request);
        request = copy;
        moved.verify_code = Secret("123456");
        moved.timeout = std::chrono::milliseconds(0);
        CHECK(thrown([&] { return client.verify_codes(moved); }));
        Secret longer("123456-and-a-canary-behind");
        const Secret shorter("123456");
        longer = shorter;
        CHECK(longer.view() == shorter.view());
    }
    CHECK(freed > 4 && found == 0);
}

static void scarce(const Client &client)
{
    const auto request = request_with("id");
    int allowed = 0;
    for (bool verified = false; !verified; allowed++) {
        CHECK(allowed < 10);
        granted = allowed;
        try {
            verified = client.verify_codes(request).verified();
        } catch (const std::bad_alloc &) {
            verified = false;
        }
        granted = -1;
    }
    // The first attempts did not come so far as to ask the peer, which counts: see its test.
    CHECK(allowed == 2);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    const Client client = client_of(argv[1]);
    searches();
    found = 0;
    settings(argv[1]);
    requests(client);
    scarce(client);
    return done("memory");
}

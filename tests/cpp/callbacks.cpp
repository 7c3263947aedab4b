// Log callbacks: what they get, what they throw, and how long they live. Argument 1 is the
// endpoint of a peer that echoes.
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common.hpp"

using contactverify::Client;
using contactverify::Config;
using contactverify::LogLevel;

static const char *endpoint;

static Config config_with(LogLevel level, contactverify::LogCallback callback)
{
    Config config;
    config.endpoint(endpoint).auth_token("token").log_callback(level, std::move(callback));
    return config;
}

static void gets_lines()
{
    std::atomic<int> lines{0};
    std::atomic<bool> fit{true};
    const Client client(config_with(LogLevel::info, [&](LogLevel level, std::string_view line) {
        lines++;
        if (level != LogLevel::info || line.find("POST ") == std::string_view::npos
            || line.find('\n') != std::string_view::npos)
            fit = false;
    }));
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int thread = 0; thread < 8; thread++)
        threads.emplace_back([&client, &wrong, thread] {
            for (int call = 0; call < 10; call++)
                wrong += !gets_own(client, std::to_string(thread) + "-" + std::to_string(call));
        });
    for (auto &thread : threads)
        thread.join();
    CHECK(lines == 80 && fit && wrong == 0);
}

static void may_throw()
{
    int lines = 0;
    const Client client(config_with(LogLevel::debug, [&](LogLevel, std::string_view line) {
        if (++lines % 2 == 0)
            throw std::runtime_error(std::string(line));
        throw lines;
    }));
    CHECK(gets_own(client, "one") && gets_own(client, "two"));
    CHECK(lines >= 2);
}

static void lives_as_long_as_its_clients()
{
    auto token = std::make_shared<int>(0);
    const std::weak_ptr<int> alive = token;
    auto config = config_with(LogLevel::info, [token](LogLevel, std::string_view) { ++*token; });
    token.reset();
    std::optional<Client> first(std::in_place, config);
    Client second(config);
    // The config lets go of it, the clients keep it.
    config.log_callback(LogLevel::info, [](LogLevel, std::string_view) {});
    CHECK(!alive.expired() && gets_own(*first, "one") && *alive.lock() == 1);
    first.reset();
    CHECK(!alive.expired() && gets_own(second, "two") && *alive.lock() == 2);
    // A client that gets another one's place goes before its callback does.
    second = Client(config);
    CHECK(alive.expired() && gets_own(second, "three"));

    auto other = std::make_shared<int>(0);
    const std::weak_ptr<int> other_alive = other;
    {
        auto refused = config_with(LogLevel::info, [other](LogLevel, std::string_view) {});
        other.reset();
        // A setting that is refused stays as it was.
        refused.log_callback(static_cast<LogLevel>(9), [](LogLevel, std::string_view) {});
        CHECK(!other_alive.expired());
    }
    CHECK(other_alive.expired());
}

static std::ptrdiff_t descriptors()
{
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// Remembers how many descriptors were open when it went.
struct Witness {
    explicit Witness(std::ptrdiff_t &told) : open(told) {}
    Witness(const Witness &) = delete;
    Witness &operator=(const Witness &) = delete;
    ~Witness() { open = descriptors(); }
    std::ptrdiff_t &open;
};

// The client could still call it, until its connections are closed.
static void goes_after_its_client()
{
    for (const bool assigned : {false, true}) {
        std::ptrdiff_t open = 0;
        auto witness = std::make_shared<Witness>(open);
        std::optional<Client> client(
            config_with(LogLevel::info, [witness](LogLevel, std::string_view) {}));
        witness.reset();
        CHECK(gets_own(*client, "one") && open == 0);
        const auto connected = descriptors();
        if (assigned)
            *client = client_of(endpoint);
        else
            client.reset();
        CHECK(open == connected - 1);
    }
}

static void may_call()
{
    const Client *inner = nullptr;
    int calls = 0;
    const Client client(config_with(LogLevel::info, [&](LogLevel, std::string_view) {
        // A call inside a callback logs as well; one level is enough.
        if (calls++ == 0)
            CHECK(gets_own(*inner, "inner"));
    }));
    inner = &client;
    CHECK(gets_own(client, "outer") && calls == 2);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    endpoint = argv[1];
    gets_lines();
    may_throw();
    lives_as_long_as_its_clients();
    goes_after_its_client();
    may_call();
    return done("callbacks");
}

// Eight threads share a client, and in the other way of running this, the program forks while
// they do. Arguments: "calls" or "forks", the endpoint of a peer that echoes over TLS, and the
// file with its authority.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common.hpp"

using contactverify::Client;

static constexpr int threads = 8;
static constexpr int calls = 100;
static constexpr int forks = 50;
static constexpr unsigned limit_seconds = 20;

static bool two_calls(const Client &client, const std::string &name)
{
    const auto id = name + "-" + std::to_string(getpid());
    const bool first = gets_own(client, id + "-1");
    return gets_own(client, id + "-2") && first;
}

// A child that calls, makes a client of its own, and ends in one way or the other. The alarm ends
// one that hangs.
[[noreturn]] static void child(Client client, int number, const char *const *arguments)
{
    alarm(limit_seconds);
    bool good = two_calls(client, "shared");
    good &= two_calls(client_of(arguments[2], arguments[3]), "own");
    if (number % 3 == 0)
        client = client_of(arguments[2], arguments[3]);
    if (number % 2 == 0)
        exit(good ? 0 : 1);
    _exit(good ? 0 : 1);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    const bool forking = std::string_view(argv[1]) == "forks";
    Client client = client_of(argv[2], argv[3]);
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::atomic<int> made{0};
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; thread++)
        running.emplace_back([&, thread] {
            for (int call = 0; forking ? !stop : call < calls; call++) {
                wrong += !gets_own(client, std::to_string(thread) + "-" + std::to_string(call));
                made++;
            }
        });
    for (int number = 0; forking && number < forks; number++) {
        fflush(nullptr);
        const pid_t forked = fork();
        CHECK(forked >= 0);
        if (forked == 0)
            child(std::move(client), number, argv);
        int status = 0;
        CHECK(waitpid(forked, &status, 0) == forked);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    stop = true;
    for (auto &thread : running)
        thread.join();
    CHECK(wrong == 0 && (forking ? made > 0 : made == threads * calls));
    return done("threads");
}

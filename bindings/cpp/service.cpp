// A service that verifies many contacts at once: some threads share one client, and with it the
// connections that it keeps.
//
//     service ENDPOINT [THREADS [CA_FILE]]
//
// Standard input: one request a line, "ID CONTACT CODE". A contact with an @ is an e-mail address,
// else a phone number. Standard output: "ID verified", "ID refused ERROR_CODE", or
// "ID unknown STATUS" and what to do, in the order in which the service answers. Standard error:
// the library's log lines. The token comes from CONTACTVERIFY_TOKEN.
//
// SPDX-License-Identifier: Apache-2.0 OR MIT
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <contactverify.hpp>

using contactverify::Client;
using contactverify::Sent;
using contactverify::Status;

namespace {

struct Job {
    std::string id{};
    contactverify::Request request{};
};

/// What the threads share beside the client: where jobs come from and where answers go.
class Desk {
public:
    /// The next job, or none when there will be no more.
    std::optional<Job> next()
    {
        const std::lock_guard lock(input_);
        std::string line;
        if (!std::getline(std::cin, line))
            return std::nullopt;
        std::istringstream words(line);
        std::string contact;
        std::string code;
        Job job;
        words >> job.id >> contact >> code;
        const bool email = contact.find('@') != std::string::npos;
        job.request.contact_way =
            email ? contactverify::ContactWay::email : contactverify::ContactWay::sms;
        job.request.contact_value = contact;
        job.request.verify_code = code;
        return job;
    }

    /// Whole lines only.
    void answer(const std::string &line)
    {
        const std::lock_guard lock(output_);
        std::cout << line << std::endl; // NOLINT(performance-avoid-endl): whoever asked is waiting.
    }

    /// Log lines come from all threads.
    void log(std::string_view line)
    {
        const std::lock_guard lock(output_);
        std::clog << line << '\n';
    }

private:
    std::mutex input_{};
    std::mutex output_{};
};

/// What to do after a call that came to no verdict.
std::string advice(const contactverify::Error &error)
{
    if (error.code() == Status::rate_limited && error.retry_after())
        return "wait " + std::to_string(error.retry_after()->count()) + " ms";
    if (error.code() == Status::invalid_argument)
        return "correct " + std::string(error.field());
    if (error.sent() == Sent::no)
        return "try again";
    return "have a new code sent";
}

std::string verdict(const Client &client, const Job &job)
{
    // No exceptions here: that the service is down is an everyday event.
    const auto outcome = client.try_verify_codes(job.request);
    if (!outcome)
        return job.id + " unknown " + std::string(name(outcome.error().status())) + ": "
            + advice(outcome.error());
    if (*outcome)
        return job.id + " verified";
    return job.id + " refused " + std::string(outcome->error_code());
}

void serve(const Client &client, Desk &desk)
{
    while (const auto job = desk.next())
        desk.answer(verdict(client, *job));
}

} // namespace

int main(int argc, char **argv)
try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty() || words.size() > 3) {
        std::cerr << "usage: service ENDPOINT [THREADS [CA_FILE]]\n";
        return 2;
    }
    Desk desk;
    contactverify::Config config;
    config.endpoint(words[0])
        .auth_token(std::getenv("CONTACTVERIFY_TOKEN"))
        .ca_file(words.size() > 2 ? contactverify::Text(words[2]) : std::nullopt)
        .application_id("service/1.0")
        .log_callback(contactverify::LogLevel::info,
                      [&desk](auto /* level */, std::string_view line) { desk.log(line); });
    const Client client(config);

    std::vector<std::thread> threads;
    const unsigned long count = words.size() > 1 ? std::stoul(words[1]) : 16;
    for (unsigned long number = 0; number < count; ++number)
        threads.emplace_back([&] { serve(client, desk); });
    // The client outlives the threads that use it.
    for (auto &thread : threads)
        thread.join();
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}

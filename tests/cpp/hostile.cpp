// Makes the calls that the table of hostile peers asks for, through contactverify.hpp.
//
// Arguments: an endpoint, a file with its authority, the deadline in milliseconds, and whether
// calls throw ("throws") or return what went wrong ("returns"). Standard input: one call a line,
// "CALL TOKEN ID CODE CONTACT". Standard output: what was logged and what came of the call, "NAME
// VALUE" a line, and a line with a dot behind it.
#include <chrono>
#include <iostream>
#include <sstream>

#include "common.hpp"

using contactverify::Client;
using contactverify::Details;

static void say(std::string_view name, std::string_view value)
{
    std::cout << name << ' ' << value << '\n';
}

static void say(std::string_view name, std::int64_t value)
{
    std::cout << name << ' ' << value << '\n';
}

static void tell(const Details &details)
{
    say("status", static_cast<std::int32_t>(details.status()));
    say("message", details.message());
    say("field", details.field());
    say("error_code", details.error_code());
    say("error_msg", details.error_msg());
    say("request_id", details.request_id());
    say("http_status", details.http_status());
    say("sent", static_cast<std::int32_t>(details.sent()));
    say("attempts", details.attempts());
    say("retry_after_ms", details.retry_after().value_or(std::chrono::milliseconds(-1)).count());
}

// An answer that says less than its status is a mistake of the header's.
static void holds(const contactverify::Result &result)
{
    CHECK(result.verified() == (result.status() == contactverify::Status::ok));
    CHECK(result.verified() || result.status() == contactverify::Status::rejected);
}

template <class Answer> static void holds(const Answer &answer)
{
    CHECK(answer.status() == contactverify::Status::ok);
}

// Makes a call in one of its forms and tells what came of it.
template <class Throws, class Returns>
static void make(bool throwing, Throws throws, Returns returns)
{
    if (throwing) {
        try {
            const auto answer = throws();
            holds(answer);
            tell(answer);
        } catch (const contactverify::Error &error) {
            tell(error);
        }
    } else if (const auto outcome = returns()) {
        holds(*outcome);
        tell(*outcome);
    } else {
        tell(outcome.error());
    }
}

template <class Request>
static Request request_of(const std::string &token, const std::string &contact)
{
    Request request;
    request.auth_token = token;
    request.contact_value = contact;
    request.contact_way = contactverify::ContactWay::email;
    request.area_code = "86";
    return request;
}

static void call(const Client &client, const std::string &line, bool throwing)
{
    std::istringstream words(line);
    std::string call;
    std::string token;
    std::string id;
    std::string code;
    std::string contact;
    CHECK(words >> call >> token >> id >> code >> contact);
    if (call == "Send") {
        const auto request = request_of<contactverify::SendRequest>(token, contact);
        make(throwing, [&] { return client.send_code(request); },
             [&] { return client.try_send_code(request); });
    } else if (call == "Need") {
        const auto request = request_of<contactverify::NeedVerifyRequest>(token, contact);
        make(throwing, [&] { return client.need_verify(request); },
             [&] { return client.try_need_verify(request); });
    } else if (call == "List") {
        auto request = request_of<contactverify::ListRequest>(token, contact);
        request.customer_id = id;
        make(throwing, [&] { return client.list_verified(request); },
             [&] { return client.try_list_verified(request); });
    } else {
        auto request = request_of<contactverify::Request>(token, contact);
        request.verify_code = code;
        request.customer_id = id;
        make(throwing, [&] { return client.verify_codes(request); },
             [&] { return client.try_verify_codes(request); });
    }
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    const bool throwing = std::string_view(argv[4]) == "throws";
    contactverify::Config config;
    config.endpoint(argv[1]).ca_file(argv[2]).timeout(std::chrono::milliseconds(atoi(argv[3])));
    config.log_callback(contactverify::LogLevel::debug,
                        [](auto /* level */, std::string_view line) { say("log", line); });
    const Client client(config);
    for (std::string line; std::getline(std::cin, line);) {
        const auto begin = std::chrono::steady_clock::now();
        call(client, line, throwing);
        const auto took = std::chrono::steady_clock::now() - begin;
        say("took_us", std::chrono::duration_cast<std::chrono::microseconds>(took).count());
        std::cout << '.' << std::endl;
    }
    return done("hostile");
}

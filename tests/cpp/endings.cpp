// Every ending of every call, as an exception and as an outcome. Arguments: the endpoint of a
// peer that answers as the language says, one that cannot be reached, and one that speaks no TLS.
#include <chrono>
#include <cstring>

#include "common.hpp"

using contactverify::Client;
using contactverify::Error;
using contactverify::Sent;
using contactverify::Status;
using namespace std::chrono_literals;

// The error of both forms of a call, which must agree.
template <class Throws, class Returns>
static Error error_of(Throws throws, Returns returns, Status status)
{
    const auto error = thrown(throws);
    const auto outcome = returns();
    CHECK(error && !outcome && !outcome.has_value());
    const Error &returned = outcome.error();
    CHECK(error->status() == status && returned.status() == status);
    CHECK(error->code() == status && returned.code() == status);
    CHECK(error->message() == returned.message() && !error->message().empty());
    CHECK(error->sent() == returned.sent() && error->http_status() == returned.http_status());
    CHECK(error->message() == error->what());
    return *error;
}

// The same ending of all four calls; the last error is returned.
static Error ending(const Client &client, const char *ask, Status status)
{
    auto verify = request_with("id");
    contactverify::SendRequest send;
    contactverify::NeedVerifyRequest need;
    contactverify::ListRequest list;
    send.contact_value = need.contact_value = "alice@example.com";
    send.contact_way = need.contact_way = contactverify::ContactWay::email;
    send.area_code = "";
    verify.language = send.language = need.language = list.language = ask;
    // Short where it is waited for.
    const auto timeout = status == Status::timeout ? 300ms : 10'000ms;
    verify.timeout = send.timeout = need.timeout = list.timeout = timeout;

    error_of([&] { return client.send_code(send); }, [&] { return client.try_send_code(send); },
             status);
    error_of([&] { return client.need_verify(need); },
             [&] { return client.try_need_verify(need); }, status);
    const Error error = error_of([&] { return client.list_verified(list); },
                                 [&] { return client.try_list_verified(list); }, status);
    if (status == Status::rejected) {
        CHECK(!client.verify_codes(verify) && client.try_verify_codes(verify).has_value());
        return error;
    }
    return error_of([&] { return client.verify_codes(verify); },
                    [&] { return client.try_verify_codes(verify); }, status);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    const Client client = client_of(argv[1]);
    for (const auto &row : {
             std::pair("200", Status::rejected),
             std::pair("302", Status::request_refused),
             std::pair("401", Status::unauthorized),
             std::pair("403", Status::forbidden),
             std::pair("404", Status::request_refused),
             std::pair("429", Status::rate_limited),
             std::pair("500", Status::service_error),
         }) {
        const Error error = ending(client, row.first, row.second);
        CHECK(error.http_status() == atoi(row.first) && error.sent() == Sent::answered);
        CHECK(error.error_code() == "PEER.1" && error.error_msg() == "a text");
        CHECK(error.request_id() == "id-of-the-answer" && error.attempts() == 1);
        CHECK(error.retry_after() == (strcmp(row.first, "429") == 0 ? std::optional(2000ms)
                                                                     : std::nullopt));
    }
    CHECK(ending(client, "garbage", Status::bad_response).sent() == Sent::answered);
    CHECK(ending(client, "lost", Status::connection_lost).sent() == Sent::maybe);
    const Error late = ending(client, "silent", Status::timeout);
    CHECK(late.sent() == Sent::maybe && late.code() == std::errc::timed_out);

    const Error unreached = ending(client_of(argv[2]), "200", Status::connect_failed);
    CHECK(unreached.sent() == Sent::no && unreached.attempts() == 2 && unreached.http_status() == 0);
    CHECK(ending(client_of(argv[3]), "200", Status::tls_failed).sent() == Sent::no);

    // Told by the caller's own deadline, not by the client's.
    auto request = request_with("id");
    request.timeout = 1h;
    request.language = "429";
    CHECK(thrown([&] { return client.verify_codes(request); })->status() == Status::rate_limited);

    // A copy of an error tells all that the first one did.
    std::optional<Error> first = unreached;
    const Error copy = *first;
    first.reset();
    CHECK(copy.code() == Status::connect_failed && copy.message() == unreached.message());
    return done("endings");
}

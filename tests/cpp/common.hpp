// What the C++ tests share.
#ifndef COMMON_HPP
#define COMMON_HPP

#include <contactverify.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "check.h"

// The error that a call throws; none if it throws none.
template <class Call> std::optional<contactverify::Error> thrown(Call call)
{
    try {
        static_cast<void>(call());
    } catch (const contactverify::Error &error) {
        return error;
    }
    return std::nullopt;
}

// A code of an id of the caller's, which the peer may put into its answer.
inline contactverify::Request request_with(std::string_view id)
{
    contactverify::Request request;
    request.verify_code = "123456";
    request.contact_value = "alice@example.com";
    request.contact_way = contactverify::ContactWay::email;
    request.customer_id = id;
    return request;
}

// A client with a token; ca_file NULL is the system's trust store.
inline contactverify::Client client_of(const char *endpoint, const char *ca_file = nullptr)
{
    contactverify::Config config;
    config.endpoint(endpoint).auth_token("sandbox-token").ca_file(ca_file);
    return contactverify::Client(config);
}

// Whether a call gets the answer that was meant for it. Says so if it does not.
inline bool gets_own(const contactverify::Client &client, const std::string &id)
{
    const auto outcome = client.try_verify_codes(request_with(id));
    if (outcome && !*outcome && outcome->error_code() == id)
        return true;
    const std::string why(outcome ? outcome->message() : outcome.error().message());
    fprintf(stderr, "call %s: %s\n", id.c_str(), why.c_str());
    return false;
}

#endif

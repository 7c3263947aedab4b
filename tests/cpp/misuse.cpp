// What a careless caller does: argument 1 is the endpoint of a peer that must see nothing of it.
#include <chrono>
#include <cstdint>
#include <limits>

#include "common.hpp"

using contactverify::Client;
using contactverify::Config;
using contactverify::ContactWay;
using contactverify::Error;
using contactverify::LogLevel;
using contactverify::Sent;
using contactverify::Status;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

static const char *endpoint;
static constexpr auto cut = "1234\0x56"sv;

// A config that was spoilt: why no client can be made of it.
template <class Spoil> static std::string refused(Spoil spoil)
{
    Config config;
    config.endpoint(endpoint).auth_token("token");
    spoil(config);
    const auto outcome = Client::try_create(config);
    const auto error = thrown([&] { return Client(config); });
    CHECK(!outcome && error);
    CHECK(error->status() == Status::invalid_argument && error->sent() == Sent::no);
    CHECK(error->field() == outcome.error().field() && error->attempts() == 0);
    CHECK(error->message() == outcome.error().message() && !error->message().empty());
    return std::string(error->field());
}

static void settings_that_hold_nul()
{
    CHECK(refused([](Config &c) { c.endpoint("http://127.0.0.1\0.example.com"sv); }) == "endpoint");
    CHECK(refused([](Config &c) { c.region(cut); }) == "region");
    CHECK(refused([](Config &c) { c.auth_token(cut); }) == "auth_token");
    CHECK(refused([](Config &c) { c.iam_password(cut, "user", "password"); }) == "iam_password");
    CHECK(refused([](Config &c) { c.iam_password("domain", cut, "password"); }) == "iam_password");
    CHECK(refused([](Config &c) { c.iam_password("domain", "user", cut); }) == "iam_password");
    CHECK(refused([](Config &c) { c.access_key(cut, "secret"); }) == "access_key");
    CHECK(refused([](Config &c) { c.access_key("key", cut); }) == "access_key");
    CHECK(refused([](Config &c) { c.access_key("key", "secret", cut); }) == "access_key");
    CHECK(refused([](Config &c) { c.iam_endpoint(cut); }) == "iam_endpoint");
    CHECK(refused([](Config &c) { c.iam_project(cut); }) == "iam_project");
    CHECK(refused([](Config &c) { c.domain_id(cut); }) == "domain_id");
    CHECK(refused([](Config &c) { c.project_id(cut); }) == "project_id");
    CHECK(refused([](Config &c) { c.language(cut); }) == "language");
    CHECK(refused([](Config &c) { c.time_zone(cut); }) == "time_zone");
    CHECK(refused([](Config &c) { c.ca_file(cut); }) == "ca_file");
    CHECK(refused([](Config &c) { c.proxy(cut); }) == "proxy");
    CHECK(refused([](Config &c) { c.success_code(cut); }) == "success_code");
    CHECK(refused([](Config &c) { c.application_id(cut); }) == "application_id");
}

static void settings_out_of_range()
{
    CHECK(refused([](Config &c) { c.timeout(0ms); }) == "timeout_ms");
    // Would be 705 ms in 32 bits.
    CHECK(refused([](Config &c) { c.timeout(std::chrono::milliseconds((1LL << 32) + 705)); })
          == "timeout_ms");
    CHECK(refused([](Config &c) { c.connect_timeout(-1ms); }) == "connect_timeout_ms");
    CHECK(refused([](Config &c) { c.idle_timeout(std::chrono::milliseconds::max()); })
          == "idle_timeout_ms");
    CHECK(refused([](Config &c) { c.max_idle_connections(-1); }) == "max_idle_connections");
    CHECK(refused([](Config &c) { c.retries(2); }) == "retries");
    CHECK(refused([](Config &c) { c.site(2); }) == "site");
    CHECK(refused([](Config &c) { c.credential_sources(static_cast<contactverify::Source>(0)); })
          == "credential_sources");
    CHECK(refused([](Config &c) { c.log_callback(static_cast<LogLevel>(9), nullptr); })
          == "log_callback");
    CHECK(refused([](Config &c) { c.endpoint(std::nullopt); }) == "endpoint");
    // The first failure is told, whichever side found it.
    CHECK(refused([](Config &c) { c.retries(2).language(cut); }) == "retries");
    CHECK(refused([](Config &c) { c.language(cut).retries(2); }) == "language");
}

// All that a config takes, in all forms of a text.
static void settings_that_are_good()
{
    const std::string string("en-us");
    const std::optional<std::string> optional("GMT+8");
    Config config;
    config.region("cn-south-1").region(static_cast<const char *>(nullptr)).endpoint(endpoint);
    config.iam_password("domain", "user", "password").iam_password(nullptr, nullptr, nullptr);
    config.access_key("key", "secret").access_key(std::nullopt, std::nullopt, std::nullopt);
    config.auth_token("token"sv).language(string).time_zone(optional);
    config.iam_endpoint(endpoint).iam_project("project").domain_id("domain").project_id("project");
    config.success_code("0").application_id("tests/1").site(1).proxy(nullptr).ca_file(std::nullopt);
    config.timeout(2s).connect_timeout(1s).idle_timeout(1min).max_idle_connections(1).retries(0);
    config.proxy_from_environment().proxy_from_environment(false);
    config.credential_sources(contactverify::Source::environment);
    config.log_callback(LogLevel::debug, [](LogLevel, std::string_view) {});
    config.log_callback(LogLevel::off, nullptr);
    CHECK(Client(config).native_handle() != nullptr);
    // The variables of this process name no key.
    CHECK(refused([](Config &c) {
              c.credential_sources(contactverify::Source::environment);
              c.credentials_from_environment();
          })
          == "credentials_from_environment");
}

// Refused before anything is sent, in both forms.
template <class Call, class Try>
static void refuses(std::string_view field, Call call, Try try_call)
{
    const auto error = thrown(call);
    const auto outcome = try_call();
    CHECK(error && !outcome);
    CHECK(error->code() == Status::invalid_argument && error->sent() == Sent::no);
    CHECK(error->field() == field && outcome.error().field() == field);
    CHECK(outcome.error().code() == std::errc::invalid_argument);
}

template <class Request, class Member, class Value>
static void member(const Client &client, Request request, Member Request::*member, Value value,
                   std::string_view field)
{
    request.*member = value;
    if constexpr (std::is_same_v<Request, contactverify::Request>)
        refuses(field, [&] { return client.verify_codes(request); },
                [&] { return client.try_verify_codes(request); });
    else if constexpr (std::is_same_v<Request, contactverify::SendRequest>)
        refuses(field, [&] { return client.send_code(request); },
                [&] { return client.try_send_code(request); });
    else if constexpr (std::is_same_v<Request, contactverify::NeedVerifyRequest>)
        refuses(field, [&] { return client.need_verify(request); },
                [&] { return client.try_need_verify(request); });
    else
        refuses(field, [&] { return client.list_verified(request); },
                [&] { return client.try_list_verified(request); });
}

template <class Request> static void common_members(const Client &client, const Request &good)
{
    member(client, good, &Request::contact_value, cut, "contact_value");
    member(client, good, &Request::area_code, cut, "area_code");
    member(client, good, &Request::auth_token, cut, "auth_token");
    member(client, good, &Request::language, cut, "language");
    member(client, good, &Request::time_zone, cut, "time_zone");
    member(client, good, &Request::contact_way, static_cast<ContactWay>(7), "contact_way");
    // In C these would mean "not given" and "the client's".
    member(client, good, &Request::contact_way, static_cast<ContactWay>(-1), "contact_way");
    member(client, good, &Request::timeout, 0ms, "timeout_ms");
    member(client, good, &Request::timeout, std::chrono::milliseconds(1LL << 32), "timeout_ms");
}

static void requests(const Client &client)
{
    using contactverify::ListRequest;
    using contactverify::Request;
    contactverify::SendRequest send;
    contactverify::NeedVerifyRequest need;
    send.contact_value = need.contact_value = "alice@example.com";
    send.contact_way = need.contact_way = ContactWay::email;
    send.area_code = "";
    common_members(client, request_with("id"));
    common_members(client, send);
    common_members(client, need);
    common_members(client, ListRequest());

    member(client, request_with("id"), &Request::verify_code, "12345\0"sv, "verify_code");
    member(client, request_with("id"), &Request::verify_code, "123456\0"sv, "verify_code");
    member(client, request_with("id"), &Request::verify_code, std::nullopt, "verify_code");
    member(client, request_with("id"), &Request::contact_value, std::nullopt, "contact_value");
    member(client, request_with("id"), &Request::contact_way, std::nullopt, "contact_way");
    member(client, request_with("id"), &Request::x_customer_id, cut, "x_customer_id");
    member(client, request_with("id"), &Request::customer_id, cut, "customer_id");
    // What std::getenv gives for a variable that is not there.
    member(client, request_with("id"), &Request::auth_token, static_cast<char *>(nullptr),
           "auth_token");
    member(client, ListRequest(), &ListRequest::customer_id, cut, "customer_id");
    member(client, ListRequest(), &ListRequest::sub_customer_id, cut, "sub_customer_id");
    member(client, ListRequest(), &ListRequest::verified_id, cut, "verified_id");
    member(client, ListRequest(), &ListRequest::expired_time, cut, "expired_time");
    member(client, ListRequest(), &ListRequest::offset, -1, "offset");
    member(client, ListRequest(), &ListRequest::limit, -1, "limit");
    member(client, ListRequest(), &ListRequest::limit, 101, "limit");
}

static void moved_from()
{
    Client client = client_of(endpoint);
    Client other = std::move(client);
    CHECK(other.native_handle() != nullptr);
    CHECK(client.native_handle() == nullptr);
    member(client, request_with("id"), &contactverify::Request::area_code, "86", "client");
    member(client, contactverify::SendRequest(), &contactverify::SendRequest::area_code, "",
           "client");
    member(client, contactverify::NeedVerifyRequest(), &contactverify::NeedVerifyRequest::area_code,
           "86", "client");
    member(client, contactverify::ListRequest(), &contactverify::ListRequest::limit, 1, "client");
    client = std::move(other);
    CHECK(client.native_handle() != nullptr && other.native_handle() == nullptr);
    Client &itself = client;
    client = std::move(itself);
    CHECK(client.native_handle() != nullptr);

    Config config;
    config.endpoint(endpoint);
    Config taken = std::move(config);
    CHECK(Client(taken).native_handle() != nullptr);
    config.auth_token("token").timeout(1s).credentials_from_environment();
    config.log_callback(LogLevel::info, [](LogLevel, std::string_view) {});
    CHECK(config.native_handle() == nullptr);
    const auto error = thrown([&] { return Client(config); });
    CHECK(error && error->code() == Status::invalid_argument && error->field() == "config");
    config = std::move(taken);
    CHECK(Client(config).native_handle() != nullptr);

    contactverify::Secret secret("123456");
    contactverify::Secret stolen(std::move(secret));
    CHECK(stolen.view() == "123456" && secret.view().empty() && *secret.c_str() == '\0');
    secret = stolen;
    CHECK(secret.view() == "123456" && stolen.view() == "123456");
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    endpoint = argv[1];
    settings_that_hold_nul();
    settings_out_of_range();
    settings_that_are_good();
    requests(client_of(endpoint));
    moved_from();
    return done("misuse");
}

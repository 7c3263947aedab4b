// The whole walk against a sandbox: argument 1 is its address, 2 a code that was sent to
// alice@example.com, 3 one for a phone number.
#include <cerrno>

#include "common.hpp"

using contactverify::Client;
using contactverify::ContactWay;
using contactverify::Sent;
using contactverify::Status;

static contactverify::Request of_email(std::string_view code)
{
    auto request = request_with("");
    request.customer_id.reset();
    request.verify_code = code;
    return request;
}

static void verifies(const Client &client, std::string_view code)
{
    const auto refused = client.verify_codes(of_email(code == "000000" ? "000001" : "000000"));
    CHECK(!refused && !refused.verified());
    CHECK(refused.status() == Status::rejected && refused.error_code() == "OSM.01010010");
    CHECK(refused.http_status() == 200 && refused.sent() == Sent::answered);
    CHECK(refused.attempts() == 1 && !refused.retry_after() && refused.field().empty());
    CHECK(!refused.error_msg().empty() && !refused.request_id().empty());
    CHECK(!refused.message().empty());

    errno = 4711;
    const auto result = client.verify_codes(of_email(code));
    CHECK(errno == 4711);
    CHECK(result && result.verified() && result.status() == Status::ok);
    CHECK(result.error_code().empty() && result.error_msg().empty());
    // Used up: the other form says the same, and calls it an answer as well.
    const auto outcome = client.try_verify_codes(of_email(code));
    CHECK(outcome.has_value() && !*outcome && outcome->status() == Status::rejected);

    // A copy keeps the texts when the first one is gone.
    std::optional<contactverify::Result> first = refused;
    const contactverify::Result copy = *first;
    first.reset();
    CHECK(copy.error_code() == "OSM.01010010");
    // One that was moved from confirms nothing.
    contactverify::Result source = result;
    const contactverify::Result target = std::move(source);
    CHECK(target.verified());
    CHECK(!source.verified() && source.status() == Status::internal && source.message().empty());
    CHECK(source.sent() == Sent::maybe);
}

static void verifies_phone(const Client &client, std::string_view code)
{
    contactverify::Request request;
    request.verify_code = code;
    request.contact_value = "13800000000";
    request.area_code = "86";
    request.contact_way = ContactWay::sms;
    CHECK(client.verify_codes(request).verified());
}

static void sends(const Client &client)
{
    contactverify::SendRequest request;
    request.contact_value = "bob@example.com";
    request.contact_way = ContactWay::email;
    const auto forgotten = client.try_send_code(request);
    CHECK(!forgotten && forgotten.error().field() == "area_code");
    request.area_code = "";
    CHECK(client.send_code(request).status() == Status::ok);
    CHECK(client.try_send_code(request).has_value());
}

static void asks(const Client &client)
{
    contactverify::NeedVerifyRequest request;
    request.contact_value = "alice@example.com";
    request.contact_way = ContactWay::email;
    const auto known = client.need_verify(request);
    CHECK(!known && !known.needed() && known.need_verify() == 0);
    request.contact_value = "bob@example.com";
    const auto unknown = client.try_need_verify(request);
    CHECK(unknown && *unknown && unknown->need_verify() == 1 && unknown->expire_time().empty());
}

static void lists(const Client &client)
{
    const auto all = client.list_verified();
    CHECK(all.total() == 2 && all.size() == 2);
    for (const auto &contact : all.contacts()) {
        const bool email = contact.contact_way == ContactWay::email;
        CHECK(contact.contact_value == (email ? "alice@example.com" : "13800000000"));
        CHECK(contact.area_code == (email ? "" : "86"));
        CHECK(!contact.verified_id.empty());
    }
    const auto none = all.contact(2);
    CHECK(!none.contact_way && none.contact_value.empty());

    contactverify::ListRequest request;
    request.contact_way = ContactWay::sms;
    request.limit = 1;
    request.offset = 0;
    const auto one = client.try_list_verified(request);
    CHECK(one && one->size() == 1 && one->contact(0).contact_value == "13800000000");
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    const Client client = client_of(argv[1]);
    verifies(client, argv[2]);
    verifies_phone(client, argv[3]);
    sends(client);
    asks(client);
    lists(client);

    auto request = of_email("123456");
    request.auth_token = "wrong-token";
    const auto error = thrown([&] { return client.verify_codes(request); });
    CHECK(error && error->code() == Status::unauthorized && error->error_code() == "APIGW.0301");
    return done("calls");
}

// A library that is newer than contactverify.hpp, and one that contradicts itself: what it answers
// is no verdict. The program's own functions go before the library's. Argument 1 is the endpoint
// of a peer that confirms everything.
#include <dlfcn.h>

#include "common.hpp"

using contactverify::Sent;
using contactverify::Status;

static contactverify_status returned;
static contactverify_status told;

extern "C" contactverify_status verify_codes(const contactverify_client *client,
                                             const contactverify_request *request,
                                             contactverify_result **result)
{
    using Function = contactverify_status (*)(const contactverify_client *,
                                              const contactverify_request *,
                                              contactverify_result **);
    const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "verify_codes"));
    const auto status = real(client, request, result);
    CHECK(status == CONTACTVERIFY_OK);
    return returned;
}

extern "C" contactverify_status contactverify_result_status(const contactverify_result *result)
{
    return result != nullptr ? told : CONTACTVERIFY_INTERNAL;
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    const auto client = client_of(argv[1]);
    const auto request = request_with("id");
    CHECK(client.verify_codes(request).verified());
    for (const contactverify_status stranger : {2, 3, 90, 77, -1, 4, INT32_MAX, INT32_MIN}) {
        returned = told = stranger;
        const auto error = thrown([&] { return client.verify_codes(request); });
        CHECK(error && error->code().value() == stranger);
        CHECK(error->code() && error->code() != Status::ok);
        CHECK(!client.try_verify_codes(request).has_value());
    }
    for (const auto &pair : {std::pair(0, 40), std::pair(40, 0), std::pair(0, 90),
                             std::pair(0, 77), std::pair(22, 0)}) {
        returned = pair.first;
        told = pair.second;
        const auto error = thrown([&] { return client.verify_codes(request); });
        CHECK(error && error->code() == Status::internal && error->sent() == Sent::maybe);
        CHECK(error->message().find("two statuses") != std::string_view::npos);
    }
    return done("newer");
}

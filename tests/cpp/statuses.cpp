// Statuses as std::error_code, and what of the types is promised at compile time.
#include <iterator>
#include <system_error>
#include <type_traits>

#include "common.hpp"

using contactverify::Client;
using contactverify::Config;
using contactverify::Error;
using contactverify::Result;
using contactverify::Status;

static_assert(!std::is_copy_constructible_v<Client> && !std::is_copy_assignable_v<Client>);
static_assert(!std::is_copy_constructible_v<Config> && !std::is_copy_assignable_v<Config>);
static_assert(std::is_nothrow_move_constructible_v<Client>);
static_assert(std::is_nothrow_move_assignable_v<Client>);
static_assert(std::is_nothrow_move_constructible_v<Config>);
static_assert(std::is_nothrow_move_assignable_v<Config>);
static_assert(std::is_nothrow_copy_constructible_v<Result>);
static_assert(std::is_nothrow_copy_constructible_v<Error>);
static_assert(std::is_base_of_v<std::system_error, Error>);
static_assert(std::is_error_code_enum_v<Status>);
// A verdict never becomes a number, or a status, by itself.
static_assert(std::is_constructible_v<bool, Result> && !std::is_convertible_v<Result, bool>);
static_assert(!std::is_convertible_v<contactverify::NeedVerifyResult, bool>);
// A text of a temporary result is no view into what is gone.
static_assert(std::is_same_v<decltype(std::declval<Result>().message()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<const Result &>().message()), std::string_view>);
#if CONTACTVERIFY_HAS_EXPECTED
static_assert(std::is_same_v<contactverify::Outcome<Result>, std::expected<Result, Error>>);
#endif

static void numbers()
{
    static constexpr struct {
        std::int32_t number;
        Status status;
    } statuses[] = {
        {CONTACTVERIFY_OK, Status::ok},
        {CONTACTVERIFY_INVALID_ARGUMENT, Status::invalid_argument},
        {CONTACTVERIFY_BUSY, Status::busy},
        {CONTACTVERIFY_CANCELLED, Status::cancelled},
        {CONTACTVERIFY_CONNECT_FAILED, Status::connect_failed},
        {CONTACTVERIFY_TLS_FAILED, Status::tls_failed},
        {CONTACTVERIFY_TIMEOUT, Status::timeout},
        {CONTACTVERIFY_CONNECTION_LOST, Status::connection_lost},
        {CONTACTVERIFY_BAD_RESPONSE, Status::bad_response},
        {CONTACTVERIFY_REJECTED, Status::rejected},
        {CONTACTVERIFY_UNAUTHORIZED, Status::unauthorized},
        {CONTACTVERIFY_FORBIDDEN, Status::forbidden},
        {CONTACTVERIFY_RATE_LIMITED, Status::rate_limited},
        {CONTACTVERIFY_REQUEST_REFUSED, Status::request_refused},
        {CONTACTVERIFY_SERVICE_ERROR, Status::service_error},
        {CONTACTVERIFY_INTERNAL, Status::internal},
    };
    for (const auto &row : statuses) {
        const std::error_code code = row.status;
        CHECK(code.value() == row.number);
        CHECK(code == row.status);
        CHECK(static_cast<bool>(code) == (row.status != Status::ok));
        CHECK(&code.category() == &contactverify::category());
        CHECK(contactverify::name(row.status) == contactverify_status_name(row.number));
        CHECK(code.message() == contactverify_status_name(row.number));
    }
    CHECK(std::string_view(contactverify::category().name()) == "contactverify");
    // A number of a newer library is a failure, whoever asks.
    const std::error_code stranger = static_cast<Status>(77);
    CHECK(stranger && stranger != Status::ok && stranger.message() == "UNKNOWN");
}

static void conditions()
{
    CHECK(std::error_code(Status::timeout) == std::errc::timed_out);
    CHECK(std::error_code(Status::invalid_argument) == std::errc::invalid_argument);
    CHECK(std::error_code(Status::cancelled) == std::errc::operation_canceled);
    CHECK(std::error_code(Status::busy) == std::errc::resource_unavailable_try_again);
    CHECK(std::error_code(Status::forbidden) != std::errc::invalid_argument);
    CHECK(std::error_code(Status::rejected) != std::error_code(40, std::generic_category()));
}

int main()
{
    numbers();
    conditions();
    CHECK(contactverify::version() == CONTACTVERIFY_VERSION);
    using contactverify::Source;
    CHECK(static_cast<int>(Source::environment | Source::file | Source::server) == 7);
    return done("statuses");
}

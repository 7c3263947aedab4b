/*
 * contactverify for C++: verify a phone number or an e-mail address with a one-time code,
 * through Huawei Cloud's Service Tickets (OSM) API.
 *
 * Header only, C++17 or newer. It wraps contactverify.h, which says more about every setting
 * and parameter, such as its limits; link with -lcontactverify, as in C.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * ```cpp
 * const contactverify::Client client(contactverify::Config()
 *     .endpoint("https://osm.cn-south-1.myhuaweicloud.com")
 *     .auth_token(std::getenv("CONTACTVERIFY_TOKEN")));
 *
 * contactverify::Request request;
 * request.verify_code = "123456";
 * request.contact_value = "alice@example.com";
 * request.contact_way = contactverify::ContactWay::email;
 * try {
 *     if (const auto result = client.verify_codes(request))
 *         std::cout << "verified\n";
 *     else
 *         std::cout << "not verified: " << result.message() << '\n';
 * } catch (const contactverify::Error &error) {
 *     std::cout << "not known: " << error.message() << '\n';
 * }
 * ```
 *
 * The rules for everything
 *
 * - A refused code is a `Result` that is false. All else that is no verdict is an `Error`, which
 *   each call throws, and the same call with `try_` in front returns.
 * - Beside that, only std::bad_alloc is thrown, and never once the service has confirmed or
 *   refused a code: from there on nothing allocates.
 * - Handles (`Client`, `Config`) are move-only and free themselves. One that was moved from refuses
 *   everything with `Status::invalid_argument`. Results and errors can be copied at no cost.
 * - A client may be used by any number of threads at once; a config or a request by one at a
 *   time; results and errors by any.
 * - Calls block until the service has answered, or until their deadline. After a `fork`, parent
 *   and child may both go on using a client.
 * - A text that goes in is copied or used during the call only. One that holds a NUL character,
 *   where C would cut it, is refused with `Status::invalid_argument` and its field's name.
 *   Copies that this header makes of texts for a config, and those in a `Secret`, are wiped.
 * - A text that comes out belongs to its result: a view is valid while a copy of the result is.
 *   One that is absent is "". Of a temporary result it comes as a std::string.
 * - A number that this header does not know, from a newer library, is a failure.
 */

#ifndef CONTACTVERIFY_HPP
#define CONTACTVERIFY_HPP

#include "contactverify.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_expected) && __cpp_lib_expected >= 202202L
#define CONTACTVERIFY_HAS_EXPECTED 1
#define CONTACTVERIFY_OUTCOMES with_expected
#include <expected>
#else
#define CONTACTVERIFY_HAS_EXPECTED 0
#define CONTACTVERIFY_OUTCOMES without_expected
#include <variant>
#endif

/// Verifies contacts with one-time codes; see the top of contactverify.hpp.
namespace contactverify {

/// What a call ended in: the numbers of `CONTACTVERIFY_...` in contactverify.h. An
/// std::error_code can be made of it and compared with it. Everything but `ok` is a failure, also
/// a number that has no name here.
enum class Status : std::int32_t {
    /// The service confirmed.
    ok = CONTACTVERIFY_OK,
    /// Refused before anything was sent; `field` names the parameter.
    invalid_argument = CONTACTVERIFY_INVALID_ARGUMENT,
    /// Reserved.
    busy = CONTACTVERIFY_BUSY,
    /// Reserved.
    cancelled = CONTACTVERIFY_CANCELLED,
    /// Name not found, refused, unreachable, or the proxy refused. Nothing was sent.
    connect_failed = CONTACTVERIFY_CONNECT_FAILED,
    /// The TLS handshake or the certificate failed.
    tls_failed = CONTACTVERIFY_TLS_FAILED,
    /// The deadline passed, or the connect timeout.
    timeout = CONTACTVERIFY_TIMEOUT,
    /// The connection broke after the request began to leave and before a whole answer.
    connection_lost = CONTACTVERIFY_CONNECTION_LOST,
    /// Something that is not the service answered, or it changed.
    bad_response = CONTACTVERIFY_BAD_RESPONSE,
    /// The service checked, and refused. Of `verify_codes` that is a result, not an error.
    rejected = CONTACTVERIFY_REJECTED,
    /// HTTP 401: the service or IAM refused the credentials.
    unauthorized = CONTACTVERIFY_UNAUTHORIZED,
    /// HTTP 403: this account may not use the service.
    forbidden = CONTACTVERIFY_FORBIDDEN,
    /// HTTP 429: too many requests; see `retry_after`.
    rate_limited = CONTACTVERIFY_RATE_LIMITED,
    /// Any other 3xx or 4xx. Redirects are never followed.
    request_refused = CONTACTVERIFY_REQUEST_REFUSED,
    /// HTTP 5xx and above: the service failed.
    service_error = CONTACTVERIFY_SERVICE_ERROR,
    /// A bug in the library.
    internal = CONTACTVERIFY_INTERNAL,
};

/// How far a request came.
enum class Sent : std::int32_t {
    /// Not a byte left this machine: the same code can be tried again.
    no = CONTACTVERIFY_SENT_NO,
    /// Bytes left: the code may be used up, have a new one sent.
    maybe = CONTACTVERIFY_SENT_MAYBE,
    /// The service answered; the status says what to do.
    answered = CONTACTVERIFY_SENT_ANSWERED,
};

/// The kind of a contact. The service may write others.
enum class ContactWay : std::int32_t {
    /// An SMS message to a phone number.
    sms = CONTACTVERIFY_SMS,
    /// An e-mail.
    email = CONTACTVERIFY_EMAIL,
};

/// Which lines a log callback gets: those of its level and of the levels above it here.
enum class LogLevel : std::int32_t {
    /// None.
    off = CONTACTVERIFY_LOG_OFF,
    /// About bugs in the library.
    error = CONTACTVERIFY_LOG_ERROR,
    /// About what went wrong and was mended, such as a second attempt.
    warn = CONTACTVERIFY_LOG_WARN,
    /// One line per request, and where credentials were found.
    info = CONTACTVERIFY_LOG_INFO,
    /// About connections.
    debug = CONTACTVERIFY_LOG_DEBUG,
};

/// Where `Config::credentials_from_environment` looks; add them up with `|`.
enum class Source : std::int32_t {
    /// The environment.
    environment = CONTACTVERIFY_SOURCE_ENVIRONMENT,
    /// The credentials file.
    file = CONTACTVERIFY_SOURCE_FILE,
    /// The metadata server of a cloud host.
    server = CONTACTVERIFY_SOURCE_SERVER,
};

/// Both sources.
[[nodiscard]] constexpr Source operator|(Source one, Source other) noexcept
{
    return static_cast<Source>(static_cast<std::int32_t>(one) | static_cast<std::int32_t>(other));
}

/// The name of a status as in contactverify.h without the prefix, such as "REJECTED"; "UNKNOWN"
/// for one that the library does not know. The text is static. Does not block.
[[nodiscard]] inline std::string_view name(Status status) noexcept
{
    return contactverify_status_name(static_cast<std::int32_t>(status));
}

/// The version of the library that is linked; `CONTACTVERIFY_VERSION` is the headers'. The text
/// is static. Does not block.
[[nodiscard]] inline std::string_view version() noexcept
{
    return contactverify_version();
}

} // namespace contactverify

template <> struct std::is_error_code_enum<contactverify::Status> : std::true_type {};

namespace contactverify {

/// What `category` gives.
class Category final : public std::error_category {
public:
    /// "contactverify".
    [[nodiscard]] const char *name() const noexcept override { return "contactverify"; }

    /// The name of the status, such as "TIMEOUT". An `Error` says more.
    [[nodiscard]] std::string message(int value) const override
    {
        return contactverify_status_name(value);
    }

    /// Those statuses that every program knows compare equal to their std::errc, such as
    /// `Status::timeout` to std::errc::timed_out.
    [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override
    {
        switch (static_cast<Status>(value)) {
        case Status::invalid_argument:
            return std::errc::invalid_argument;
        case Status::busy:
            return std::errc::resource_unavailable_try_again;
        case Status::cancelled:
            return std::errc::operation_canceled;
        case Status::timeout:
            return std::errc::timed_out;
        default:
            return {value, *this};
        }
    }
};

/// The category of this library's error codes.
[[nodiscard]] inline const std::error_category &category() noexcept
{
    static const Category instance;
    return instance;
}

/// A status as an error code; std::error_code does this by itself.
[[nodiscard]] inline std::error_code make_error_code(Status status) noexcept
{
    return {static_cast<int>(status), category()};
}

namespace detail {

/// Frees what the library made.
template <auto function> struct Free {
    template <class Object> void operator()(Object *object) const noexcept { function(object); }
};

using ConfigHandle = std::unique_ptr<contactverify_config, Free<contactverify_config_free>>;
using ClientHandle = std::unique_ptr<contactverify_client, Free<contactverify_client_free>>;
using ResultHandle = std::unique_ptr<contactverify_result, Free<contactverify_result_free>>;

/// Overwrites a text in a way that the compiler may not leave out.
inline void wipe(char *text, std::size_t length) noexcept
{
    for (volatile char *byte = text; length > 0; --length)
        *byte++ = '\0';
}

[[nodiscard]] constexpr bool holds_nul(std::string_view text) noexcept
{
    return text.find('\0') != std::string_view::npos;
}

/// A number as C takes it: one that does not fit stays out of the range that C allows.
[[nodiscard]] constexpr std::int32_t clamp(std::int64_t number) noexcept
{
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

} // namespace detail

/// A text that a setting takes: a std::string, a view or a literal. std::nullopt, a null pointer
/// (such as std::getenv's) or an empty std::optional unsets the setting. It does not own the text.
class Text {
public:
    // Implicit, so that a caller passes what it has.
    /// A text that ends with NUL, or none.
    constexpr Text(const char *text) noexcept
        : text_(text != nullptr ? std::string_view(text) : std::string_view()),
          given_(text != nullptr)
    {
    }
    constexpr Text(std::string_view text) noexcept : text_(text), given_(true) {}
    Text(const std::string &text) noexcept : text_(text), given_(true) {}
    constexpr Text(std::nullopt_t) noexcept {}
    template <class Given>
    constexpr Text(const std::optional<Given> &text) noexcept
        : text_(text ? std::string_view(*text) : std::string_view()), given_(text.has_value())
    {
    }

    /// Whether there is one.
    [[nodiscard]] constexpr bool given() const noexcept { return given_; }
    /// The text; "" if there is none.
    [[nodiscard]] constexpr std::string_view view() const noexcept { return text_; }

private:
    std::string_view text_{};
    bool given_ = false;
};

/// A text of its own that ends with NUL and is wiped when it goes: a one-time code, a token. What
/// it is made from is the caller's to wipe.
class Secret {
public:
    // Implicit, so that a request's member is set as any text is.
    Secret(Text text)
    {
        // In one piece, because what is copied to a larger piece stays behind in the smaller one.
        text_.reserve(text.view().size() + 1);
        text_.insert(text_.end(), text.view().begin(), text.view().end());
        text_.push_back('\0');
    }
    Secret(const char *text) : Secret(Text(text)) {}
    Secret(std::string_view text) : Secret(Text(text)) {}
    Secret(const std::string &text) : Secret(Text(text)) {}
    Secret(const Secret &) = default;
    Secret(Secret &&) noexcept = default;
    Secret &operator=(const Secret &other)
    {
        // Not into the old text's memory, where the end of a longer one would stay.
        Secret copy(other);
        text_.swap(copy.text_);
        return *this;
    }
    Secret &operator=(Secret &&other) noexcept
    {
        Secret taken(std::move(other));
        text_.swap(taken.text_);
        return *this;
    }
    ~Secret() { detail::wipe(text_.data(), text_.size()); }

    /// The text, which ends with NUL; "" if this was moved from.
    [[nodiscard]] const char *c_str() const noexcept { return text_.empty() ? "" : text_.data(); }
    /// The text without the NUL at its end.
    [[nodiscard]] std::string_view view() const noexcept
    {
        const std::size_t size = text_.empty() ? 0 : text_.size() - 1;
        return {c_str(), size};
    }

private:
    std::vector<char> text_{};
};

namespace detail {

/// What a call left behind. It is made before the call, so that nothing allocates after it.
struct Ending {
    ResultHandle result{};
    /// Where this header refused something by itself: the field and the sentence.
    const char *field = "";
    const char *message = "";
    Status status = Status::internal;

    /// Takes over what the library told. Two statuses that disagree are no verdict.
    void take(contactverify_status returned, contactverify_result *told) noexcept
    {
        result.reset(told);
        if (returned == contactverify_result_status(told)) {
            status = static_cast<Status>(returned);
        } else {
            // What else it tells may be as wrong.
            result.reset();
            message = "A bug: contactverify told two statuses for one call. Please report it.";
        }
    }

    /// Refuses a text that C would cut.
    void refuse(const char *refused) noexcept
    {
        field = refused;
        message = "A text holds a NUL character, where C would cut it. Nothing was sent.";
        status = Status::invalid_argument;
    }

    [[nodiscard]] const char *told_field() const noexcept
    {
        return result ? contactverify_result_field(result.get()) : field;
    }

    [[nodiscard]] const char *told_message() const noexcept
    {
        return result ? contactverify_result_message(result.get()) : message;
    }
};

} // namespace detail

/// What is told of every call, good or bad. It never changes, and copies share it.
///
/// Threads: any, at once. Nothing here blocks.
/// Ownership: texts belong to all copies together; they are UTF-8 on one line.
class Details {
public:
    /// What the call ended in. Of one that was moved from: `internal`, never `ok`.
    [[nodiscard]] Status status() const noexcept
    {
        return ending_ ? ending_->status : Status::internal;
    }

    /// A sentence for a person: what happened and what to do. It never holds a token, key,
    /// password, code or contact.
    [[nodiscard]] std::string_view message() const & noexcept
    {
        return ending_ ? ending_->told_message() : "";
    }
    [[nodiscard]] std::string message() && { return std::string(as_lvalue().message()); }

    /// With `Status::invalid_argument`, the parameter or setting that was refused, by its name in
    /// C, such as "verify_code". Else "".
    [[nodiscard]] std::string_view field() const & noexcept
    {
        return ending_ ? ending_->told_field() : "";
    }
    [[nodiscard]] std::string field() && { return std::string(as_lvalue().field()); }

    /// The service's or the gateway's error code, such as "OSM.01010010". Decide on this and on
    /// the status, never on a text.
    [[nodiscard]] std::string_view error_code() const & noexcept
    {
        return text(contactverify_result_error_code);
    }
    [[nodiscard]] std::string error_code() && { return std::string(as_lvalue().error_code()); }

    /// The text beside the error code, as the service gave it.
    [[nodiscard]] std::string_view error_msg() const & noexcept
    {
        return text(contactverify_result_error_msg);
    }
    [[nodiscard]] std::string error_msg() && { return std::string(as_lvalue().error_msg()); }

    /// The service's own number for the request, which its support asks for.
    [[nodiscard]] std::string_view request_id() const & noexcept
    {
        return text(contactverify_result_request_id);
    }
    [[nodiscard]] std::string request_id() && { return std::string(as_lvalue().request_id()); }

    /// The HTTP status of the answer; 0 if there was no whole one.
    [[nodiscard]] int http_status() const noexcept
    {
        return contactverify_result_http_status(result());
    }

    /// How far the request came, which says whether the same code can be tried again.
    [[nodiscard]] Sent sent() const noexcept
    {
        // What is not known may have been sent.
        if (status() == Status::internal && result() == nullptr)
            return Sent::maybe;
        return static_cast<Sent>(contactverify_result_sent(result()));
    }

    /// How many times the request was tried; 0 if it was refused before.
    [[nodiscard]] int attempts() const noexcept
    {
        return contactverify_result_attempts(result());
    }

    /// How long the service asks to wait before the next request, if it does.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after() const noexcept
    {
        const std::int64_t milliseconds = contactverify_result_retry_after_ms(result());
        if (milliseconds < 0)
            return std::nullopt;
        return std::chrono::milliseconds(milliseconds);
    }

    /// For `Client`.
    explicit Details(std::shared_ptr<const detail::Ending> ending) noexcept
        : ending_(std::move(ending))
    {
    }

protected:
    Details(const Details &) = default;
    Details(Details &&) noexcept = default;
    Details &operator=(const Details &) = default;
    Details &operator=(Details &&) noexcept = default;
    ~Details() = default;

    [[nodiscard]] const contactverify_result *result() const noexcept
    {
        return ending_ ? ending_->result.get() : nullptr;
    }

    /// A text of the result; of none, every one is "".
    [[nodiscard]] std::string_view
    text(const char *(*told)(const contactverify_result *)) const noexcept
    {
        return told(result());
    }

    [[nodiscard]] const Details &as_lvalue() const noexcept { return *this; }

private:
    std::shared_ptr<const detail::Ending> ending_;
};

/// What came of `verify_codes`: true only if the service confirmed the code. Else it was wrong,
/// used or expired, or `error_code` says what the service found.
class Result final : public Details {
public:
    using Details::Details;

    /// Whether the service confirmed the code.
    [[nodiscard]] bool verified() const noexcept { return status() == Status::ok; }
    /// As `verified`.
    explicit operator bool() const noexcept { return verified(); }
};

/// What came of `send_code`: the service accepted it.
class SendResult final : public Details {
public:
    using Details::Details;
};

/// What came of `need_verify`: true if the contact must be verified.
class NeedVerifyResult final : public Details {
public:
    using Details::Details;

    /// Whether the contact must be verified. A number that nobody knows means that it must.
    [[nodiscard]] bool needed() const noexcept { return need_verify() != 0; }
    /// As `needed`.
    explicit operator bool() const noexcept { return needed(); }
    /// The service's `need_verify_code`: as far as is known 1 if the contact must be verified and 0
    /// if not.
    [[nodiscard]] int need_verify() const noexcept
    {
        return contactverify_result_need_verify(result());
    }
    /// The service's `expire_time`, as it wrote it.
    [[nodiscard]] std::string_view expire_time() const & noexcept
    {
        return text(contactverify_result_expire_time);
    }
    [[nodiscard]] std::string expire_time() &&
    {
        return std::string(text(contactverify_result_expire_time));
    }
};

/// A contact that is verified.
struct Contact {
    /// Its kind, possibly one that has no name here; none if the service wrote none.
    std::optional<ContactWay> contact_way{};
    /// The phone number or e-mail address.
    std::string contact_value{};
    /// The country or region code.
    std::string area_code{};
    /// The number of its verification.
    std::string verified_id{};
};

/// What came of `list_verified`: a portion of the verified contacts.
class ListResult final : public Details {
public:
    using Details::Details;

    /// How many contacts there are in all.
    [[nodiscard]] std::int64_t total() const noexcept
    {
        return contactverify_result_total(result());
    }
    /// How many contacts this portion holds.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return contactverify_result_contact_count(result());
    }
    /// The contact of an index; one without anything if the index is not below `size`.
    [[nodiscard]] Contact contact(std::size_t index) const
    {
        Contact contact;
        const std::int32_t way = contactverify_result_contact_way(result(), index);
        if (way != CONTACTVERIFY_CONTACT_WAY_UNSET)
            contact.contact_way = static_cast<ContactWay>(way);
        contact.contact_value = contactverify_result_contact_value(result(), index);
        contact.area_code = contactverify_result_contact_area_code(result(), index);
        contact.verified_id = contactverify_result_contact_verified_id(result(), index);
        return contact;
    }
    /// The contacts of this portion, copied.
    [[nodiscard]] std::vector<Contact> contacts() const
    {
        std::vector<Contact> contacts;
        contacts.reserve(size());
        for (std::size_t index = 0; index < size(); ++index)
            contacts.push_back(contact(index));
        return contacts;
    }
};

/// Why a call came to no verdict, or a client could not be made: all that is known, and, as a
/// std::system_error, `code()`, whose number is the status and whose category is `category()`.
///
/// ```cpp
/// contactverify::Request request; // Nothing is set.
/// try {
///     static_cast<void>(client.verify_codes(request));
/// } catch (const contactverify::Error &error) {
///     if (error.code() == contactverify::Status::invalid_argument)
///         std::cout << "please correct " << error.field() << '\n';
///     if (error.sent() == contactverify::Sent::no)
///         std::cout << "the code was not used\n";
/// }
/// ```
class Error final : public std::system_error, public Details {
public:
    /// For `Client`.
    explicit Error(std::shared_ptr<const detail::Ending> ending)
        : std::system_error(make_error_code(ending->status)), Details(std::move(ending))
    {
    }

    /// As `message`. It ends with NUL, as all texts of the library do.
    [[nodiscard]] const char *what() const noexcept override { return message().data(); }
};

/// A code to be checked. What is not given is not sent; the first three are mandatory.
/// contactverify.h tells each member's limits.
///
/// Threads: one at a time. Ownership: it owns its texts, and wipes those in a `Secret`.
struct Request {
    /// Mandatory. The one-time code: exactly 6 characters.
    std::optional<Secret> verify_code{};
    /// Mandatory. The phone number or e-mail address: at most 64 characters.
    std::optional<std::string> contact_value{};
    /// Mandatory.
    std::optional<ContactWay> contact_way{};
    /// The country or region code of a phone number, such as "86": at most 16 characters.
    std::optional<std::string> area_code{};
    /// The sub-user ID: at most 64 characters.
    std::optional<std::string> x_customer_id{};
    /// The customer ID: at most 64 characters.
    std::optional<std::string> customer_id{};
    /// The user token for this call: 1 to 5000 characters. Default: the client's credentials.
    std::optional<Secret> auth_token{};
    /// The language of texts: 1 to 32 characters. Default: the client's.
    std::optional<std::string> language{};
    /// The time zone: 1 to 32 characters. Default: the client's.
    std::optional<std::string> time_zone{};
    /// The total deadline of this call: 1 ms to an hour. Default: the client's.
    std::optional<std::chrono::milliseconds> timeout{};
};

/// A code to be sent. The rules are those of `Request`.
struct SendRequest {
    /// Mandatory. The phone number or e-mail address: at most 64 characters.
    std::optional<std::string> contact_value{};
    /// Mandatory.
    std::optional<ContactWay> contact_way{};
    /// Mandatory. The country or region code of a phone number, such as "86"; "" for an e-mail.
    std::optional<std::string> area_code{};
    /// As in `Request`.
    std::optional<Secret> auth_token{};
    /// As in `Request`.
    std::optional<std::string> language{};
    /// As in `Request`.
    std::optional<std::string> time_zone{};
    /// As in `Request`.
    std::optional<std::chrono::milliseconds> timeout{};
};

/// A contact of which is asked whether it must be verified. The rules are those of `Request`.
struct NeedVerifyRequest {
    /// Mandatory. The phone number or e-mail address: 1 to 64 characters.
    std::optional<std::string> contact_value{};
    /// Mandatory.
    std::optional<ContactWay> contact_way{};
    /// The country or region code of a phone number: at most 16 characters.
    std::optional<std::string> area_code{};
    /// As in `Request`.
    std::optional<Secret> auth_token{};
    /// As in `Request`.
    std::optional<std::string> language{};
    /// As in `Request`.
    std::optional<std::string> time_zone{};
    /// As in `Request`.
    std::optional<std::chrono::milliseconds> timeout{};
};

/// Which verified contacts are wanted. What is not given narrows nothing. The rules are those of
/// `Request`.
struct ListRequest {
    /// The phone number or e-mail address: at most 256 characters.
    std::optional<std::string> contact_value{};
    /// Default: both.
    std::optional<ContactWay> contact_way{};
    /// The country or region code of a phone number: at most 16 characters.
    std::optional<std::string> area_code{};
    /// The customer ID: at most 64 characters.
    std::optional<std::string> customer_id{};
    /// The sub-user ID: at most 64 characters.
    std::optional<std::string> sub_customer_id{};
    /// The number of a verification: at most 64 characters.
    std::optional<std::string> verified_id{};
    /// The end of a verification, as the service writes it: at most 32 characters.
    std::optional<std::string> expired_time{};
    /// Where in the list to begin: 0 to 65535. Default: not sent; the service then begins at 1.
    std::optional<std::int32_t> offset{};
    /// How many contacts are wanted at most: 0 to 100. Default: not sent; the service then gives
    /// 10.
    std::optional<std::int32_t> limit{};
    /// As in `Request`.
    std::optional<Secret> auth_token{};
    /// As in `Request`.
    std::optional<std::string> language{};
    /// As in `Request`.
    std::optional<std::string> time_zone{};
    /// As in `Request`.
    std::optional<std::chrono::milliseconds> timeout{};
};

namespace detail {

/// The C form of a request, whose texts stay the request's, and the first one that C would cut.
template <class Raw> struct Filled {
    Raw raw;
    const char *refused = nullptr;

    [[nodiscard]] const char *pointer(const std::optional<std::string> &text, const char *field)
    {
        return text ? checked(*text, text->c_str(), field) : nullptr;
    }

    [[nodiscard]] const char *pointer(const std::optional<Secret> &text, const char *field)
    {
        return text ? checked(text->view(), text->c_str(), field) : nullptr;
    }

    /// C's -1 for "not given" must not be what a caller gave.
    template <class Number>
    [[nodiscard]] static std::int32_t number(const std::optional<Number> &given) noexcept
    {
        if (!given)
            return -1;
        const auto value = static_cast<std::int32_t>(*given);
        return value >= 0 ? value : std::numeric_limits<std::int32_t>::min();
    }

    /// What all requests have.
    template <class Request> void fill(const Request &request)
    {
        raw.contact_value = pointer(request.contact_value, "contact_value");
        raw.area_code = pointer(request.area_code, "area_code");
        raw.auth_token = pointer(request.auth_token, "auth_token");
        raw.language = pointer(request.language, "language");
        raw.time_zone = pointer(request.time_zone, "time_zone");
        raw.contact_way = number(request.contact_way);
        if (request.timeout) {
            // C's 0 for "the client's" must not be what a caller gave.
            const auto given = request.timeout->count();
            raw.timeout_ms = given > 0 ? clamp(given) : -1;
        }
    }

private:
    const char *checked(std::string_view text, const char *pointer, const char *field) noexcept
    {
        if (refused == nullptr && holds_nul(text))
            refused = field;
        return pointer;
    }
};

[[nodiscard]] inline auto filled(const Request &request)
{
    Filled<contactverify_request> filled{CONTACTVERIFY_REQUEST_INIT};
    filled.raw.verify_code = filled.pointer(request.verify_code, "verify_code");
    filled.raw.x_customer_id = filled.pointer(request.x_customer_id, "x_customer_id");
    filled.raw.customer_id = filled.pointer(request.customer_id, "customer_id");
    filled.fill(request);
    return filled;
}

[[nodiscard]] inline auto filled(const SendRequest &request)
{
    Filled<contactverify_send_request> filled{CONTACTVERIFY_SEND_REQUEST_INIT};
    filled.fill(request);
    return filled;
}

[[nodiscard]] inline auto filled(const NeedVerifyRequest &request)
{
    Filled<contactverify_need_request> filled{CONTACTVERIFY_NEED_REQUEST_INIT};
    filled.fill(request);
    return filled;
}

[[nodiscard]] inline auto filled(const ListRequest &request)
{
    Filled<contactverify_list_request> filled{CONTACTVERIFY_LIST_REQUEST_INIT};
    filled.raw.customer_id = filled.pointer(request.customer_id, "customer_id");
    filled.raw.sub_customer_id = filled.pointer(request.sub_customer_id, "sub_customer_id");
    filled.raw.verified_id = filled.pointer(request.verified_id, "verified_id");
    filled.raw.expired_time = filled.pointer(request.expired_time, "expired_time");
    filled.raw.offset = filled.number(request.offset);
    filled.raw.limit = filled.number(request.limit);
    filled.fill(request);
    return filled;
}

} // namespace detail

/// Receives log lines, without line ends, secrets or contacts. It is called on the thread that
/// makes a call, possibly on several at once, and may call this library. What it throws goes
/// nowhere.
using LogCallback = std::function<void(LogLevel level, std::string_view line)>;

namespace detail {

// The linkage that C calls through. No exception may go that way.
extern "C" {
inline void contactverify_hpp_log(void *callback, std::int32_t level, const char *line) noexcept
{
    try {
        (*static_cast<const LogCallback *>(callback))(static_cast<LogLevel>(level), line);
    } catch (...) { // NOLINT(bugprone-empty-catch): there is nobody to tell.
    }
}
}

} // namespace detail

// One inline namespace for each kind of `Outcome`, so that parts of one program that were
// compiled for different standards never take one kind for the other.
inline namespace CONTACTVERIFY_OUTCOMES {

class Client;

/// Settings being collected for a client, each with a default.
///
/// Every setting is checked when it is set. One that is refused stays as it was and marks the
/// config: making a client then fails with the first refusal, whose `field` is the setting's name
/// in C. So nothing here fails by itself, and an ignored failure never means less safety than was
/// asked for. Texts are copied. std::nullopt or a null pointer unsets a text.
///
/// Threads: one at a time.
/// Ownership: it may go as soon as the client is there. Its secrets are wiped with it.
///
/// ```cpp
/// using namespace std::chrono_literals;
/// contactverify::Config config;
/// config.endpoint("https://osm.cn-south-1.myhuaweicloud.com")
///     .auth_token(std::getenv("CONTACTVERIFY_TOKEN"))
///     .timeout(2s)
///     .log_callback(contactverify::LogLevel::info, [](auto /* level */, std::string_view line) {
///         std::clog << line << '\n';
///     });
/// const contactverify::Client client(config);
/// ```
class Config {
public:
    /// A config with every setting at its default.
    Config() : handle_(contactverify_config_new()) {}

    Config(const Config &) = delete;
    Config(Config &&) noexcept = default;
    Config &operator=(const Config &) = delete;
    Config &operator=(Config &&) noexcept = default;
    ~Config() = default;

    /// The service's address, "https://host[:port]", optionally with a path prefix. Plain http only
    /// to this machine. Default: none; a client needs it, or a region.
    Config &endpoint(Text endpoint)
    {
        return set("endpoint", contactverify_config_set_endpoint, endpoint);
    }
    /// A region by name, in place of an endpoint, which wins. Reads the environment. Default:
    /// none.
    Config &region(Text region)
    {
        return set("region", contactverify_config_set_region, region);
    }
    /// The user token: 1 to 5000 characters of visible ASCII. Of all credentials, the ones that
    /// were set last are used. Default: none; a request may bring its own.
    Config &auth_token(Text auth_token)
    {
        return set("auth_token", contactverify_config_set_auth_token, auth_token);
    }
    /// An account's name, a user of it and the password: the client fetches tokens from IAM and
    /// renews them. All or none of them. Default: none.
    Config &iam_password(Text domain, Text user, Text password)
    {
        return set("iam_password", contactverify_config_set_iam_password, domain, user, password);
    }
    /// An access key, its secret key, and for temporary keys the security token: each request is
    /// signed. Default: none.
    Config &access_key(Text access_key, Text secret_key, Text security_token = std::nullopt)
    {
        return set("access_key", contactverify_config_set_access_key, access_key, secret_key,
                   security_token);
    }
    /// Looks for an access key where the vendor's SDKs look: environment, file, metadata server.
    /// Blocks on the file system only.
    Config &credentials_from_environment()
    {
        return note(contactverify_config_set_credentials_from_environment(handle_.get()));
    }
    /// Where `credentials_from_environment`, called after this, looks. Default: everywhere.
    Config &credential_sources(Source sources)
    {
        return set(contactverify_config_set_credential_sources, static_cast<std::int32_t>(sources));
    }
    /// IAM's address. Default: the region's, else the site's if the endpoint is one of the cloud's
    /// own hosts, else none.
    Config &iam_endpoint(Text iam_endpoint)
    {
        return set("iam_endpoint", contactverify_config_set_iam_endpoint, iam_endpoint);
    }
    /// The project, by name, that IAM's tokens shall be good for. Default: the one of `project_id`,
    /// else the whole account.
    Config &iam_project(Text iam_project)
    {
        return set("iam_project", contactverify_config_set_iam_project, iam_project);
    }
    /// The account's ID in signed requests. Default: not sent.
    Config &domain_id(Text domain_id)
    {
        return set("domain_id", contactverify_config_set_domain_id, domain_id);
    }
    /// The project's ID in signed requests and for IAM's tokens. Default: not sent.
    Config &project_id(Text project_id)
    {
        return set("project_id", contactverify_config_set_project_id, project_id);
    }
    /// The language of texts, such as "en-us". Default: not sent; the service then takes zh-cn.
    Config &language(Text language)
    {
        return set("language", contactverify_config_set_language, language);
    }
    /// The time zone, such as "GMT+8". Default: not sent; the service then takes GMT+8.
    Config &time_zone(Text time_zone)
    {
        return set("time_zone", contactverify_config_set_time_zone, time_zone);
    }
    /// The total deadline of a call, from its begin to its verdict: 1 ms to an hour. Default: 10 s.
    Config &timeout(std::chrono::milliseconds timeout)
    {
        return set(contactverify_config_set_timeout_ms, detail::clamp(timeout.count()));
    }
    /// The time for a new connection, inside the deadline: 1 ms to an hour. Default: 3 s.
    Config &connect_timeout(std::chrono::milliseconds timeout)
    {
        return set(contactverify_config_set_connect_timeout_ms, detail::clamp(timeout.count()));
    }
    /// How many connections are kept for later calls: 0 (one per call) to 65535. Default: 256.
    Config &max_idle_connections(std::int32_t connections)
    {
        return set(contactverify_config_set_max_idle_connections, connections);
    }
    /// How long an unused connection is kept: 1 ms to an hour. Default: 15 s.
    Config &idle_timeout(std::chrono::milliseconds timeout)
    {
        return set(contactverify_config_set_idle_timeout_ms, detail::clamp(timeout.count()));
    }
    /// 1 allows one more attempt when no connection came about and not a byte had left, and one
    /// more when a token that the client fetched was refused; 0 none. Default: 1.
    Config &retries(std::int32_t retries)
    {
        return set(contactverify_config_set_retries, retries);
    }
    /// A PEM file with the authorities to trust instead of the system's trust store, the default.
    /// It is read now, which may block on the file system.
    Config &ca_file(Text path)
    {
        return set("ca_file", contactverify_config_set_ca_file, path);
    }
    /// The proxy for https endpoints: "http://[user:password@]host[:port]". Default: none.
    Config &proxy(Text proxy)
    {
        return set("proxy", contactverify_config_set_proxy, proxy);
    }
    /// Whether a proxy is taken from the environment when the client is made. Default: no.
    Config &proxy_from_environment(bool wanted = true)
    {
        return set(contactverify_config_set_proxy_from_environment, wanted ? 1 : 0);
    }
    /// The one `error_code` that means success: 1 to 32 characters. Default: none.
    Config &success_code(Text code)
    {
        return set("success_code", contactverify_config_set_success_code, code);
    }
    /// What stands behind the library's name in `User-Agent`, such as "shop/2.1". Default: nothing.
    Config &application_id(Text application_id)
    {
        return set("application_id", contactverify_config_set_application_id, application_id);
    }
    /// `X-Site`: 0 for China, 1 for international. Default: not sent.
    Config &site(std::int32_t site)
    {
        return set(contactverify_config_set_site, site);
    }
    /// A callback for log lines up to a level. It lives as long as a client that was made with it.
    /// An empty one, or `LogLevel::off`, ends logging. Default: no logging.
    Config &log_callback(LogLevel level, LogCallback callback)
    {
        std::shared_ptr<LogCallback> sink;
        if (callback)
            sink = std::make_shared<LogCallback>(std::move(callback));
        const auto status = contactverify_config_set_log_callback(
            handle_.get(), static_cast<std::int32_t>(level),
            sink ? detail::contactverify_hpp_log : nullptr, sink.get());
        if (status == CONTACTVERIFY_OK)
            log_ = std::move(sink);
        return note(status);
    }

    /// The C handle, which stays this object's, for functions that only C has. NULL if this was
    /// moved from.
    [[nodiscard]] contactverify_config *native_handle() const noexcept { return handle_.get(); }

private:
    friend class Client;

    template <class Setter, class... Texts>
    Config &set(const char *field, Setter setter, Texts... texts)
    {
        if ((detail::holds_nul(texts.view()) || ...)) {
            if (!failed_)
                refused_ = field;
            failed_ = true;
            return *this;
        }
        // Each copy lives until the setter has returned, and is wiped then.
        return note(setter(handle_.get(), (texts.given() ? Secret(texts).c_str() : nullptr)...));
    }

    template <class Setter> Config &set(Setter setter, std::int32_t number)
    {
        return note(setter(handle_.get(), number));
    }

    /// The library keeps its own first failure.
    Config &note(contactverify_status status) noexcept
    {
        failed_ = failed_ || status != CONTACTVERIFY_OK;
        return *this;
    }

    detail::ConfigHandle handle_;
    std::shared_ptr<LogCallback> log_{};
    /// The first failure, if it was this header that refused.
    const char *refused_ = nullptr;
    bool failed_ = false;
};

#if CONTACTVERIFY_HAS_EXPECTED

/// An answer, or why there is none: std::expected.
template <class Answer> using Outcome = std::expected<Answer, Error>;

#else

/// An answer, or why there is none: that part of std::expected which is the same without
/// exceptions. Where the standard library has std::expected, `Outcome` is that.
template <class Answer> class [[nodiscard]] Outcome {
public:
    using value_type = Answer;
    using error_type = Error;

    Outcome(Answer answer) noexcept : outcome_(std::in_place_index<0>, std::move(answer)) {}
    /// For `Client`.
    Outcome(std::in_place_t, Error error) noexcept
        : outcome_(std::in_place_index<1>, std::move(error))
    {
    }

    /// Whether there is an answer. A refused code is one.
    [[nodiscard]] bool has_value() const noexcept { return outcome_.index() == 0; }
    /// As `has_value`.
    explicit operator bool() const noexcept { return has_value(); }

    /// The answer. There must be one.
    [[nodiscard]] Answer &operator*() & { return std::get<0>(outcome_); }
    [[nodiscard]] const Answer &operator*() const & { return std::get<0>(outcome_); }
    [[nodiscard]] Answer &&operator*() && { return std::get<0>(std::move(outcome_)); }
    [[nodiscard]] Answer *operator->() { return &**this; }
    [[nodiscard]] const Answer *operator->() const { return &**this; }

    /// Why there is no answer. There must be none.
    [[nodiscard]] Error &error() & { return std::get<1>(outcome_); }
    [[nodiscard]] const Error &error() const & { return std::get<1>(outcome_); }
    [[nodiscard]] Error &&error() && { return std::get<1>(std::move(outcome_)); }

private:
    std::variant<Answer, Error> outcome_;
};

#endif

/// The service with its credentials and connections. It makes the calls, each in two forms: one
/// throws an `Error`, and one, with `try_` in front, returns it instead, in an `Outcome`. That is
/// std::expected or written like it, so that the same source is good for C++17, C++20 and C++23.
///
/// The request is sent once. Only if no connection came about and not a byte had left is there
/// one more attempt, inside the same deadline; and only if the service refuses a token that this
/// client fetched from IAM is the call repeated, once, with a new one (`Config::retries` 0 turns
/// both off).
///
/// Threads: it never changes, so any number of threads may use it at once, and after a `fork`
/// parent and child may both go on using it.
/// Ownership: of the connections, and, together with the config, of the log callback. No call may
/// be under way when it is destroyed, assigned to or moved from. Destroying it does not block.
///
/// ```cpp
/// contactverify::SendRequest request;
/// request.contact_value = "alice@example.com";
/// request.contact_way = contactverify::ContactWay::email;
/// request.area_code = ""; // Mandatory here, also for an e-mail.
/// const auto outcome = client.try_send_code(request);
/// if (outcome)
///     std::cout << "a code is on its way\n";
/// else if (outcome.error().sent() == contactverify::Sent::maybe)
///     std::cout << "a code may be on its way\n";
/// else
///     std::cout << outcome.error().message() << '\n';
/// ```
class Client {
public:
    /// Makes a client from what the config holds now. Does not block and connects nowhere.
    /// Throws an `Error` with `Status::invalid_argument` if a setting was refused, if neither
    /// endpoint nor region is set, or if the config was moved from.
    explicit Client(const Config &config) : Client(value(try_create(config))) {}

    /// As the constructor.
    [[nodiscard]] static Outcome<Client> try_create(const Config &config)
    {
        const auto ending = std::make_shared<detail::Ending>();
        if (config.refused_ != nullptr) {
            ending->refuse(config.refused_);
            return failure<Client>(Error(ending));
        }
        contactverify_client *made = nullptr;
        contactverify_result *told = nullptr;
        const auto status = contactverify_client_new(config.handle_.get(), &made, &told);
        Client client(detail::ClientHandle(made), config.log_);
        if (status == CONTACTVERIFY_OK && made != nullptr)
            return client;
        ending->take(status, told);
        return failure<Client>(Error(ending));
    }

    Client(const Client &) = delete;
    Client(Client &&) noexcept = default;
    Client &operator=(const Client &) = delete;
    Client &operator=(Client &&other) noexcept
    {
        // Memberwise, the old log callback would go before the old client.
        Client taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Client() = default;

    /// Asks the service whether a code is right. Blocks until the deadline at most.
    ///
    /// The result is true only if the service confirmed, and false if it refused: a wrong, used or
    /// expired code. Throws an `Error` for everything else.
    [[nodiscard]] Result verify_codes(const Request &request) const
    {
        return value(try_verify_codes(request));
    }
    /// As `verify_codes`, without an exception. That there is a value does not mean that the code
    /// was right: `if (outcome && *outcome)` does.
    [[nodiscard]] Outcome<Result> try_verify_codes(const Request &request) const
    {
        return ask<Result>(::verify_codes, detail::filled(request));
    }

    /// Has the service send a new code to a contact: one a minute, which lives for five. Blocks
    /// until the deadline at most.
    ///
    /// Throws an `Error` if the service did not accept it. A code that was asked for too often is
    /// `Status::rejected` with the error code "OSM.01010024"; with `Sent::maybe` a code may be on
    /// its way.
    // That it returns is the news. NOLINTNEXTLINE(modernize-use-nodiscard)
    SendResult send_code(const SendRequest &request) const
    {
        return value(try_send_code(request));
    }
    /// As `send_code`.
    [[nodiscard]] Outcome<SendResult> try_send_code(const SendRequest &request) const
    {
        return ask<SendResult>(contactverify_send_code, detail::filled(request));
    }

    /// Asks whether a contact must be verified. Blocks until the deadline at most. Throws an
    /// `Error` if the service did not tell.
    ///
    /// ```cpp
    /// contactverify::NeedVerifyRequest request;
    /// request.contact_value = "alice@example.com";
    /// request.contact_way = contactverify::ContactWay::email;
    /// if (client.need_verify(request))
    ///     std::cout << "must be verified\n";
    /// ```
    [[nodiscard]] NeedVerifyResult need_verify(const NeedVerifyRequest &request) const
    {
        return value(try_need_verify(request));
    }
    /// As `need_verify`.
    [[nodiscard]] Outcome<NeedVerifyResult> try_need_verify(const NeedVerifyRequest &request) const
    {
        return ask<NeedVerifyResult>(contactverify_need_verify, detail::filled(request));
    }

    /// Lists the contacts that are verified, a portion at a time: ask again with a larger `offset`.
    /// Blocks until the deadline at most. Throws an `Error` if the service did not tell.
    ///
    /// ```cpp
    /// const auto list = client.list_verified();
    /// std::cout << list.total() << " in all\n";
    /// for (const auto &contact : list.contacts())
    ///     std::cout << contact.contact_value << '\n';
    /// ```
    [[nodiscard]] ListResult list_verified(const ListRequest &request = {}) const
    {
        return value(try_list_verified(request));
    }
    /// As `list_verified`.
    [[nodiscard]] Outcome<ListResult> try_list_verified(const ListRequest &request = {}) const
    {
        return ask<ListResult>(contactverify_list_verified, detail::filled(request));
    }

    /// The C handle, which stays this object's, for functions that only C has. NULL if this was
    /// moved from.
    [[nodiscard]] contactverify_client *native_handle() const noexcept { return handle_.get(); }

    /// Exchanges two clients.
    void swap(Client &other) noexcept
    {
        log_.swap(other.log_);
        handle_.swap(other.handle_);
    }

private:
    Client(detail::ClientHandle handle, std::shared_ptr<LogCallback> log) noexcept
        : log_(std::move(log)), handle_(std::move(handle))
    {
    }

    template <class Answer> static Outcome<Answer> failure(Error error) noexcept
    {
#if CONTACTVERIFY_HAS_EXPECTED
        return std::unexpected<Error>(std::move(error));
#else
        return {std::in_place, std::move(error)};
#endif
    }

    /// The answer, or the error thrown.
    template <class Answer> static Answer value(Outcome<Answer> outcome)
    {
        if (!outcome)
            throw Error(std::move(outcome).error());
        return *std::move(outcome);
    }

    template <class Answer, class Call, class Raw>
    Outcome<Answer> ask(Call call, const detail::Filled<Raw> &filled) const
    {
        const auto ending = std::make_shared<detail::Ending>();
        if (filled.refused != nullptr) {
            ending->refuse(filled.refused);
        } else {
            contactverify_result *told = nullptr;
            const auto status = call(handle_.get(), &filled.raw, &told);
            ending->take(status, told);
        }
        // Only of a verification is a refusal an answer.
        if (ending->status == Status::ok
            || (std::is_same_v<Answer, Result> && ending->status == Status::rejected))
            return Answer(ending);
        return failure<Answer>(Error(ending));
    }

    // In this order: the callback outlives the client.
    std::shared_ptr<LogCallback> log_;
    detail::ClientHandle handle_;
};

} // namespace CONTACTVERIFY_OUTCOMES
} // namespace contactverify

#undef CONTACTVERIFY_OUTCOMES
#endif // CONTACTVERIFY_HPP

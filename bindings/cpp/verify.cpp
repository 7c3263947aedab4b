// Has codes sent, verifies them, and asks what is verified: bindings/c/verify.c, in C++.
//
//     verify send        --endpoint URL --contact VALUE --way sms|email [--area-code CODE]
//     verify [verify]    --endpoint URL --contact VALUE --way sms|email --code CODE
//     verify need-verify --endpoint URL --contact VALUE --way sms|email
//     verify list        --endpoint URL [--contact VALUE] [--way sms|email]
//
// Standard output: the name of the status, such as "OK", and the service's error code if
// there is one; for need-verify and list the answer behind it. Standard error: the sentence
// for a person. Exit status: 0 only if the service confirmed, 1 if it refused, 2 if an
// argument was wrong, 3 for anything else.
//
// Credentials come from the environment, because `ps` shows arguments to everyone: a token in
// CONTACTVERIFY_TOKEN; or an account's user in CONTACTVERIFY_DOMAIN, CONTACTVERIFY_USER and
// CONTACTVERIFY_PASSWORD; else an access key wherever the vendor's SDKs look for one.
//
// SPDX-License-Identifier: Apache-2.0 OR MIT
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <contactverify.hpp>

using contactverify::Client;
using contactverify::ContactWay;
using contactverify::Status;

namespace {

constexpr std::string_view usage =
    "usage: verify [send|verify|need-verify|list] --endpoint URL --contact VALUE --way sms|email\n"
    "              [--code CODE] [--area-code CODE] [--region NAME] [--iam-endpoint URL]\n"
    "              [--timeout-ms NUMBER] [--ca-file FILE]\n"
    "Credentials: CONTACTVERIFY_TOKEN; or CONTACTVERIFY_DOMAIN, _USER and _PASSWORD; or\n"
    "HUAWEICLOUD_SDK_AK and _SK, or the file ~/.huaweicloud/credentials.\n";

struct Arguments {
    std::string action = "verify";
    contactverify::Config config{};
    // The parameters of all calls: each takes those that it knows.
    contactverify::Request request{};
};

/// False if a word is none of the usage's.
bool parse(const std::vector<std::string> &words, Arguments &arguments)
{
    auto &[action, config, request] = arguments;
    std::size_t first = 0;
    if (!words.empty() && words[0].rfind('-', 0) != 0)
        action = words[first++];
    if (action != "send" && action != "verify" && action != "need-verify" && action != "list")
        return false;
    for (std::size_t i = first; i < words.size(); i += 2) {
        if (i + 1 == words.size())
            return false;
        const std::string &name = words[i];
        const std::string &value = words[i + 1];
        if (name == "--endpoint")
            config.endpoint(value);
        else if (name == "--region")
            config.region(value);
        else if (name == "--iam-endpoint")
            config.iam_endpoint(value);
        else if (name == "--ca-file")
            config.ca_file(value);
        else if (name == "--contact")
            request.contact_value = value;
        else if (name == "--code")
            request.verify_code = value;
        else if (name == "--area-code")
            request.area_code = value;
        else if (name == "--timeout-ms")
            request.timeout = std::chrono::milliseconds(std::strtol(value.c_str(), nullptr, 10));
        else if (name == "--way" && value == "sms")
            request.contact_way = ContactWay::sms;
        else if (name == "--way" && value == "email")
            request.contact_way = ContactWay::email;
        else
            return false;
    }
    return true;
}

void set_credentials(contactverify::Config &config)
{
    // A variable that is not set is a null pointer, which is as good as no text.
    const char *token = std::getenv("CONTACTVERIFY_TOKEN");
    const char *password = std::getenv("CONTACTVERIFY_PASSWORD");
    if (token != nullptr)
        config.auth_token(token);
    else if (password != nullptr)
        config.iam_password(std::getenv("CONTACTVERIFY_DOMAIN"),
                            std::getenv("CONTACTVERIFY_USER"), password);
    else
        config.credentials_from_environment();
}

/// A request of another call with what was given for all of them.
template <class Request> Request of(const contactverify::Request &given)
{
    Request request;
    request.contact_value = given.contact_value;
    request.contact_way = given.contact_way;
    request.area_code = given.area_code;
    request.timeout = given.timeout;
    return request;
}

std::ostream &print(const contactverify::Details &told)
{
    std::cout << name(told.status());
    if (!told.error_code().empty())
        std::cout << ' ' << told.error_code();
    return std::cout;
}

/// What the call ended in. Throws an `Error` where that is no answer.
Status run(const Client &client, const Arguments &arguments)
{
    const auto &given = arguments.request;
    if (arguments.action == "send") {
        auto request = of<contactverify::SendRequest>(given);
        // The service wants one for an e-mail too.
        request.area_code = given.area_code.value_or("");
        print(client.send_code(request)) << '\n';
    } else if (arguments.action == "need-verify") {
        const auto answer = client.need_verify(of<contactverify::NeedVerifyRequest>(given));
        print(answer) << " need_verify_code=" << answer.need_verify() << '\n';
    } else if (arguments.action == "list") {
        const auto list = client.list_verified(of<contactverify::ListRequest>(given));
        print(list) << " total=" << list.total() << '\n';
        for (const auto &contact : list.contacts())
            std::cout << (contact.contact_way == ContactWay::sms ? "sms " : "email ")
                      << contact.contact_value << '\n';
    } else {
        const auto result = client.verify_codes(given);
        print(result) << '\n';
        if (!result)
            std::cerr << result.message() << '\n';
        return result.status();
    }
    return Status::ok;
}

int exit_status(Status status)
{
    switch (status) {
    case Status::ok:
        return 0;
    case Status::rejected:
        return 1;
    case Status::invalid_argument:
        return 2;
    default:
        return 3;
    }
}

} // namespace

int main(int argc, char **argv)
try {
    Arguments arguments;
    if (!parse({argv + 1, argv + argc}, arguments)) {
        std::cerr << usage;
        return exit_status(Status::invalid_argument);
    }
    // What was refused of the settings is told when the client is made.
    set_credentials(arguments.config);
    return exit_status(run(Client(arguments.config), arguments));
} catch (const contactverify::Error &error) {
    print(error) << '\n';
    std::cerr << error.message() << '\n';
    return exit_status(error.status());
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return exit_status(Status::internal);
}

//! Credentials that are found: in the environment, in a file, on a cloud host.

use std::path::Path;
use std::sync::{Arc, Mutex};

use contactverify::{
    Config, ContactWay, CredentialSources, Error, ListRequest, LogLevel, NeedRequest,
};

use crate::support::answer;
use crate::support::peer::Peer;
use crate::support::tools::{Sandbox, in_a_process, scratch};

/// What a client that looks for credentials prints, in an environment with nothing else.
fn looking(variables: &[(&str, &str)]) -> String {
    let nothing = ["AK", "SK", "SECURITY_TOKEN", "DOMAIN_ID", "PROJECT_ID", "CREDENTIALS_FILE"]
        .map(|name| format!("HUAWEICLOUD_SDK_{name}"));
    let mut all: Vec<_> = nothing.iter().map(|name| (name.as_str(), "")).collect();
    all.push(("HOME", "/nowhere"));
    all.push(("SOURCES", "environment,file"));
    all.extend(variables);
    in_a_process("discovery::in_an_environment_of_its_own", &all)
}

#[test]
#[ignore = "started by the tests below"]
fn in_an_environment_of_its_own() {
    match ask() {
        Ok(lines) => println!("answered\n{}", lines.join("\n")),
        Err(error) => println!("{} {}: {error}", error.status().name(), error.field()),
    }
}

/// Asks the service with what is found, and tells what the log told.
fn ask() -> Result<Vec<String>, Error> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let collected = Arc::clone(&lines);
    let wanted = std::env::var("SOURCES").unwrap();
    let mut config = Config::new();
    config.set_credential_sources(CredentialSources {
        environment: wanted.contains("environment"),
        file: wanted.contains("file"),
        server: wanted.contains("server"),
    });
    config.set_endpoint(Some(&std::env::var("ENDPOINT").unwrap()))?;
    if let Ok(server) = std::env::var("METADATA") {
        config.set_metadata_endpoint(&server)?;
    }
    config
        .set_logger(LogLevel::Info, move |_, line| collected.lock().unwrap().push(line.to_owned()));
    config.set_credentials_from_environment()?;
    let client = config.build()?;
    for _ in 0..3 {
        client.list_verified(&ListRequest::default())?;
    }
    let lines = lines.lock().unwrap().clone();
    Ok(lines)
}

fn file(name: &str, text: &str) -> String {
    let path = scratch("credentials").join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const AK: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "sandbox-access-key");
const SK: (&str, &str) = ("HUAWEICLOUD_SDK_SK", "sandbox-secret-key");

#[test]
fn the_environment_comes_first_then_the_file() {
    let sandbox = Sandbox::start();
    let endpoint = ("ENDPOINT", sandbox.endpoint.as_str());
    let printed = looking(&[endpoint, AK, SK]);
    assert!(
        printed.contains("answered\ncredentials: an access key from the environment\n"),
        "{printed}"
    );

    let good =
        "[basic]\nak=wrong\nsk=wrong\n[global]\nak = sandbox-access-key\nsk = sandbox-secret-key\n";
    let named = file("named", good);
    let printed = looking(&[endpoint, ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &named)]);
    assert!(printed.contains(&format!("an access key from {named} [global]\n")), "{printed}");

    // A line of the log is one line, whatever it names.
    let named = file("named\nfile", good);
    let printed = looking(&[endpoint, ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &named)]);
    assert!(printed.contains("named\u{fffd}file [global]\n"), "{printed}");

    let home = scratch("credentials");
    std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    std::fs::write(
        home.join(".huaweicloud/credentials"),
        good.replace("[basic]\nak=wrong\nsk=wrong", ""),
    )
    .unwrap();
    let home = home.to_str().unwrap();
    let printed = looking(&[endpoint, ("HOME", home)]);
    assert!(printed.contains(".huaweicloud/credentials [global]\n"), "{printed}");
    // A key in the environment wins, and each source can be switched off.
    let wrong = ("HUAWEICLOUD_SDK_SK", "canary-secret");
    let printed = looking(&[endpoint, ("HOME", home), AK, wrong]);
    assert!(printed.contains("UNAUTHORIZED"), "{printed}");
    assert!(!printed.contains("canary-secret"), "{printed}");
    let printed = looking(&[endpoint, ("HOME", home), AK, wrong, ("SOURCES", "file")]);
    assert!(printed.contains("answered"), "{printed}");
    assert_eq!(sandbox.counter("unauthorized"), 1);
}

#[test]
fn what_is_half_there_or_broken_is_refused_and_not_passed_over() {
    let endpoint = ("ENDPOINT", "http://127.0.0.1:1");
    let refused = "INVALID_ARGUMENT credentials_from_environment: ";
    let half = file("half", "[global]\nak = a\n");
    let broken = file("broken", "[global]\nak = \u{fc}\nsk = s\n");
    let missing = scratch("credentials").join("missing");
    let pipe = scratch("credentials").join("pipe");
    let _ = std::fs::remove_file(&pipe);
    let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
    // SAFETY: a text that ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let long = "x".repeat(9000);
    let large = file("large", &"#\n".repeat(40_000));
    for (variables, says) in [
        (&[AK][..], "only one of HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"),
        (&[SK], "only one of HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &half)], "only one of ak and sk is set in"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &broken)], "outside ASCII"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", missing.to_str().unwrap())], "cannot be read"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/")], "it is not a file"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/dev/zero")], "it is not a file"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", pipe.to_str().unwrap())], "it is not a file"),
        (&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &large)], "too large for a credentials file"),
        (
            &[AK, SK, ("HUAWEICLOUD_SDK_SECURITY_TOKEN", &long)],
            "HUAWEICLOUD_SDK_SECURITY_TOKEN in the environment must have 1 to 7900 characters",
        ),
        (
            &[AK, SK, ("HUAWEICLOUD_SDK_DOMAIN_ID", &long)],
            "HUAWEICLOUD_SDK_DOMAIN_ID in the environment must have 1 to 128 characters",
        ),
        (&[], "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set"),
        (&[], "/nowhere/.huaweicloud/credentials does not exist"),
        (&[("HOME", "")], "HOME is not set"),
    ] {
        let printed = looking(&[&[endpoint], variables].concat());
        assert!(printed.contains(refused) && printed.contains(says), "{says}: {printed}");
    }
    let empty = file("empty", "[other]\nak = a\nsk = s\n");
    let printed = looking(&[endpoint, ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &empty)]);
    assert!(printed.contains("has no ak and sk in [global] or [basic]"), "{printed}");
}

#[test]
fn a_cloud_host_gives_keys_once_and_not_through_a_proxy() {
    let sandbox = Sandbox::start_with(&["--metadata"]);
    let printed = looking(&[
        ("ENDPOINT", &sandbox.endpoint),
        ("METADATA", &sandbox.endpoint),
        ("SOURCES", "environment,file,server"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
    ]);
    assert!(printed.contains("answered\ncredentials: the metadata server's; not in "), "{printed}");
    assert!(printed.contains("GET /openstack/latest/securitykey 200 "), "{printed}");
    assert_eq!((sandbox.counter("security_keys"), sandbox.counter("unauthorized")), (1, 0));
}

#[test]
fn without_a_cloud_host_the_error_says_where_it_was_looked() {
    let printed = looking(&[
        ("ENDPOINT", "http://127.0.0.1:1"),
        ("METADATA", "http://127.0.0.1:1"),
        ("SOURCES", "environment,file,server"),
    ]);
    for says in [
        "INVALID_ARGUMENT auth_token: auth_token is not set, and no credentials were found: ",
        "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set",
        "/nowhere/.huaweicloud/credentials does not exist",
        "metadata server (No connection to 127.0.0.1:1",
    ] {
        assert!(printed.contains(says), "{says}: {printed}");
    }
}

/// A client that asks this peer as its metadata server.
fn with_server(server: &Peer, service: &Peer) -> Result<(), Error> {
    let mut config = Config::new();
    let sources = CredentialSources { environment: false, file: false, server: true };
    config.set_credential_sources(sources).set_endpoint(Some(&service.endpoint()))?;
    config.set_metadata_endpoint(&server.endpoint())?.set_credentials_from_environment()?;
    config.build()?.need_verify(&NeedRequest::new("a@b.c", ContactWay::Email)).map(drop)
}

#[test]
fn a_server_that_knows_no_tokens_is_asked_without_and_a_strange_one_gives_no_key() {
    let service = Peer::answering(answer(200, r#"{"need_verify_code":0}"#));
    let key = r#"{"credential":{"access":"A","secret":"canary-secret","securitytoken":"T",
        "expires_at":"2026-11-26T01:00:00.000000Z"}}"#;
    for (token, status, body, ends) in [
        (answer(404, ""), 200, key, "OK"),
        (answer(405, ""), 200, key, "OK"),
        (answer(503, ""), 200, key, "OK"),
        (answer(200, "token"), 200, key, "OK"),
        (answer(200, ""), 200, key, "BAD_RESPONSE"),
        (answer(200, "two words"), 200, key, "BAD_RESPONSE"),
        (answer(200, &"t".repeat(7900)), 200, key, "OK"),
        (answer(200, &"t".repeat(7901)), 200, key, "BAD_RESPONSE"),
        (answer(500, "canary-token"), 200, key, "SERVICE_ERROR"),
        (answer(302, ""), 200, key, "REQUEST_REFUSED"),
        (answer(200, "token"), 404, "canary-secret", "REQUEST_REFUSED"),
        (answer(200, "token"), 401, "", "UNAUTHORIZED"),
        (answer(200, "token"), 200, "", "BAD_RESPONSE"),
        (answer(200, "token"), 200, "{}", "BAD_RESPONSE"),
        (answer(200, "token"), 200, &key.replace("\"A\"", "\"\""), "BAD_RESPONSE"),
        (answer(200, "token"), 200, &key.replace("\"A\"", "1"), "BAD_RESPONSE"),
        (answer(200, "token"), 200, &key.replace("canary-", "canary\\n"), "BAD_RESPONSE"),
        (answer(200, "token"), 200, &format!("[{key}]"), "BAD_RESPONSE"),
    ] {
        let before = service.seen.requests().len();
        let keys = answer(status, body);
        let server = Peer::plain(move |conversation| {
            while let Some(request) = conversation.request() {
                let asks_token =
                    request.starts_with(b"PUT /meta-data/latest/api/token HTTP/1.1\r\n");
                conversation.send(if asks_token { &token } else { &keys });
            }
        });
        let outcome = with_server(&server, &service);
        let status = outcome.as_ref().map_or_else(|error| error.status().name(), |()| "OK");
        assert_eq!(status, ends, "{outcome:?}");
        let asked_for_token = String::from_utf8(server.seen.requests()[0].clone()).unwrap();
        assert!(asked_for_token.contains("\r\ncontent-length: 0\r\n"), "{asked_for_token}");
        assert!(!asked_for_token.contains("transfer-encoding"), "{asked_for_token}");
        let asked = service.seen.requests().len() - before;
        assert_eq!(asked, usize::from(ends == "OK"));
        assert!(!format!("{outcome:?}").contains("canary"), "{outcome:?}");
    }
    let signed = String::from_utf8(service.seen.requests().pop().unwrap()).unwrap();
    assert!(signed.contains("x-security-token: T\r\n"), "{signed}");
    assert!(!Path::new("/nowhere").exists());
}

#[test]
fn a_region_can_be_moved_by_the_environment() {
    let sandbox = Sandbox::start();
    let printed = in_a_process(
        "discovery::in_a_region",
        &[("HUAWEICLOUD_SDK_REGION_OSM_NOWHERE_1", &format!("{},https://b", sandbox.endpoint))],
    );
    assert!(printed.contains("moved: OK, known: OK, explicit: INVALID_ARGUMENT"), "{printed}");
    assert_eq!(sandbox.counter("has_verified"), 1);
}

#[test]
#[ignore = "started by the test above"]
fn in_a_region() {
    let build = |region: &str| {
        let mut config = Config::new();
        config.set_auth_token(Some("sandbox-token")).unwrap();
        config.set_region(Some(region)).and_then(|config| config.build())
    };
    let moved =
        build("nowhere-1").and_then(|it| it.list_verified(&ListRequest::default()).map(drop));
    let name = |outcome: Result<(), Error>| outcome.map_or_else(|it| it.status().name(), |()| "OK");
    println!(
        "moved: {}, known: {}, explicit: {}",
        name(moved),
        name(build("cn-south-1").map(drop)),
        name(build("nowhere-2").map(drop)),
    );
}

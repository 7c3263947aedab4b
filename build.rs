//! Gives the shared library its name and flags, and writes the C header.

#[cfg(feature = "capi")]
use std::{env, error::Error, fs, path::PathBuf};

#[cfg(not(feature = "capi"))]
fn main() {}

#[cfg(feature = "capi")]
fn main() -> Result<(), Box<dyn Error>> {
    let major = env::var("CARGO_PKG_VERSION_MAJOR")?;
    let minor = env::var("CARGO_PKG_VERSION_MINOR")?;
    let patch = env::var("CARGO_PKG_VERSION_PATCH")?;

    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        // Before 1.0 each minor version may break the ABI, so it is a part of the name.
        let abi = if major == "0" { format!("0.{minor}") } else { major.clone() };
        // A lookup thread may outlive the client, so the library must stay mapped.
        for flag in
            [&format!("-soname,libcontactverify.so.{abi}"), "-z,nodelete", "-z,relro", "-z,now"]
        {
            println!("cargo::rustc-cdylib-link-arg=-Wl,{flag}");
        }
    }

    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    for watched in ["build.rs", "cbindgen.toml", "src/capi"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let mut config = cbindgen::Config::from_root_or_default(&root);
    config.after_includes = Some(macros(&major, &minor, &patch));
    // The header lists things in this order.
    let mut builder = cbindgen::Builder::new().with_config(config);
    for noun in ["status", "request", "config", "config/credentials", "client", "result"] {
        builder = builder.with_src(root.join(format!("src/capi/{noun}.rs")));
    }
    let mut header = Vec::new();
    builder.generate()?.write(&mut header);

    // Written only when it differs: a published package is built from a tree that must not change.
    let path = root.join("include/contactverify.h");
    if fs::read(&path).ok().as_deref() != Some(header.as_slice()) {
        fs::create_dir_all(root.join("include"))?;
        fs::write(&path, header)?;
    }
    Ok(())
}

/// What only the preprocessor can say.
#[cfg(feature = "capi")]
fn macros(major: &str, minor: &str, patch: &str) -> String {
    format!(
        r#"
/**
 * The version of this header. `contactverify_version` gives the version of the library.
 */
#define CONTACTVERIFY_VERSION "{major}.{minor}.{patch}"
#define CONTACTVERIFY_VERSION_MAJOR {major}
#define CONTACTVERIFY_VERSION_MINOR {minor}
#define CONTACTVERIFY_VERSION_PATCH {patch}

/**
 * What a `contactverify_request` begins with: every member set, nothing given.
 */
#define CONTACTVERIFY_REQUEST_INIT \
    {{ sizeof(contactverify_request), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
      CONTACTVERIFY_CONTACT_WAY_UNSET, 0 }}

/**
 * What a `contactverify_send_request` begins with.
 */
#define CONTACTVERIFY_SEND_REQUEST_INIT \
    {{ sizeof(contactverify_send_request), NULL, NULL, NULL, NULL, NULL, \
      CONTACTVERIFY_CONTACT_WAY_UNSET, 0 }}

/**
 * What a `contactverify_need_request` begins with.
 */
#define CONTACTVERIFY_NEED_REQUEST_INIT \
    {{ sizeof(contactverify_need_request), NULL, NULL, NULL, NULL, NULL, \
      CONTACTVERIFY_CONTACT_WAY_UNSET, 0 }}

/**
 * What a `contactverify_list_request` begins with: all verified contacts, in the service's
 * own portion.
 */
#define CONTACTVERIFY_LIST_REQUEST_INIT \
    {{ sizeof(contactverify_list_request), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
      CONTACTVERIFY_CONTACT_WAY_UNSET, -1, -1, 0 }}"#
    )
}

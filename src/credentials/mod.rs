//! What shows the service who is asking: a token, or a signature with an access key.

mod discovery;
mod iam;
mod lifetime;
mod renewing;
mod server;
mod signer;

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderName, HeaderValue};

pub use self::discovery::CredentialSources;
pub(crate) use self::discovery::{Found, discover};
pub(crate) use self::iam::Login;
use self::iam::{Iam, Scope};
use self::renewing::{Held, Renewing};
use self::server::Server;
pub(crate) use self::signer::AccessKey;
use self::signer::{Owner, Signer};
use crate::config::Config;
use crate::config::credentials::Chosen;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::incoming::Incoming;
use crate::limits;
use crate::logger::LogLevel;
use crate::region;
use crate::transport::{Deadline, Outgoing, Settings};

pub(crate) const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Whether a header can carry what a peer gave as a token or as a part of a key. Real tokens reach
/// some 5,100 characters; what is longer than 7,900 would not fit our own request's head.
fn fits_a_header(given: &[u8]) -> bool {
    (1..=7900).contains(&given.len()) && given.iter().all(u8::is_ascii_graphic)
}

const WRONG_TOKEN: &str = "The token is wrong, expired or of another region: fetch a new one";

/// What a client has to show.
#[derive(Debug)]
pub(crate) enum Credentials {
    None,
    Token(HeaderValue),
    Iam(Renewing<Iam>),
    AccessKey(Arc<Signer>),
    Server(Renewing<Server>),
}

/// What was put on a request.
pub(crate) enum Shown {
    Token(HeaderValue),
    /// A token that this client fetched itself.
    Fetched(Arc<Held<HeaderValue>>),
    Signature(Arc<Signer>),
    /// A signature with a key that this client fetched itself.
    FetchedKey(Arc<Held<Signer>>),
}

impl Credentials {
    /// What the config chose, ready to be shown.
    pub(crate) fn new(
        config: &Config,
        service: &Endpoint,
        user_agent: HeaderValue,
    ) -> Result<Self, Error> {
        let mut owner =
            Owner { domain_id: config.domain_id.clone(), project_id: config.project_id.clone() };
        match &config.credentials {
            None => Ok(Self::None),
            Some(Chosen::Token(token)) => Ok(Self::Token(secret_header(token.expose())?)),
            Some(Chosen::AccessKey(key)) => {
                Ok(Self::AccessKey(Arc::new(Signer::new(key, &owner)?)))
            }
            Some(Chosen::Login(login)) => {
                let scope = match (&config.iam_project, &config.project_id) {
                    (Some(name), _) => Scope::ProjectName(name.clone()),
                    (None, Some(id)) => Scope::ProjectId(id.clone()),
                    (None, None) => Scope::Domain,
                };
                let endpoint = match &config.iam_endpoint {
                    Some(endpoint) => endpoint.clone(),
                    None => region::iam_endpoint(config.region.as_ref(), service)?,
                };
                let settings = config.settings(&endpoint)?;
                let iam = Iam::new(settings, login.clone(), &scope, user_agent, config.retries)?;
                Ok(Self::Iam(Renewing::new(iam, config.timeout, config.logger.clone())))
            }
            Some(Chosen::Found(found)) => {
                owner.domain_id = owner.domain_id.or_else(|| found.owner.domain_id.clone());
                owner.project_id = owner.project_id.or_else(|| found.owner.project_id.clone());
                config.logger.log(LogLevel::Info, || match &found.key {
                    Some(_) => format!("credentials: an access key from {}", found.place),
                    None => format!("credentials: the metadata server's; not in {}", found.place),
                });
                if let Some(key) = &found.key {
                    return Ok(Self::AccessKey(Arc::new(Signer::new(key, &owner)?)));
                }
                let settings = Settings {
                    connect_timeout: config.connect_timeout.min(server::CONNECT_TIMEOUT),
                    ..config.settings(&config.metadata_endpoint)?
                };
                let server = Server::new(settings, owner, found.place.clone(), user_agent)?;
                Ok(Self::Server(Renewing::new(server, config.timeout, config.logger.clone())))
            }
        }
    }

    /// Puts a token or a signature on a request. Fetches what is missing, within the deadline.
    pub(crate) fn show(
        &self,
        outgoing: &mut Outgoing<'_>,
        deadline: Deadline,
    ) -> Result<Shown, Error> {
        match self {
            Self::None => Err(Error::invalid(
                limits::AUTH_TOKEN.name,
                "auth_token is not set: set it, or other credentials, in the config, or set it in \
                 the request",
            )),
            // It stands among the headers that are the same in every call.
            Self::Token(token) => Ok(Shown::Token(token.clone())),
            Self::Iam(tokens) => {
                let held = tokens.get(deadline)?;
                outgoing.headers.insert(X_AUTH_TOKEN, held.value.clone());
                Ok(Shown::Fetched(held))
            }
            Self::AccessKey(signer) => {
                signer.sign(outgoing, SystemTime::now())?;
                Ok(Shown::Signature(Arc::clone(signer)))
            }
            Self::Server(keys) => {
                let held = keys.get(deadline)?;
                held.value.sign(outgoing, SystemTime::now())?;
                Ok(Shown::FetchedKey(held))
            }
        }
    }

    /// Takes note of what the service did with what was shown. True if another try with newly
    /// fetched credentials can help: the service refused a token that it, or IAM, ended before
    /// its time. A refused signature is not tried again, since that locks the key.
    pub(crate) fn learn(&self, shown: &Shown, http_status: u16) -> bool {
        match (self, shown) {
            (Self::Iam(tokens), Shown::Fetched(held)) => {
                if http_status == 401 {
                    return tokens.give_up(held);
                }
                held.accepted();
            }
            (Self::Server(keys), Shown::FetchedKey(held)) => {
                if http_status == 401 {
                    keys.give_up(held);
                } else {
                    held.accepted();
                }
            }
            _ => {}
        }
        false
    }
}

impl Shown {
    /// What must not be repeated: a service may quote the token, or the key that it refused
    /// with all that was signed.
    pub(crate) fn confidential(&self) -> [&[u8]; 2] {
        match self {
            Self::Token(token) => [token.as_bytes(), b""],
            Self::Fetched(held) => [held.value.as_bytes(), b""],
            Self::Signature(signer) => signer.confidential(),
            Self::FetchedKey(held) => held.value.confidential(),
        }
    }

    /// What a 401 means, and what to do.
    pub(crate) fn when_refused(&self, incoming: &Incoming) -> String {
        match self {
            Self::Token(_) => WRONG_TOKEN.to_owned(),
            Self::Fetched(_) => {
                "The service refuses the token that IAM gave: check its scope and region".to_owned()
            }
            Self::Signature(_) | Self::FetchedKey(_) => {
                let mut advice = "The access key or the signature is refused".to_owned();
                if let Some(skew) = Skew::of(incoming) {
                    let _ = write!(advice, "; {skew}");
                }
                advice
            }
        }
    }
}

/// By how much this machine's clock differs from the peer's.
struct Skew {
    seconds: u64,
    behind: bool,
}

impl Skew {
    fn of(incoming: &Incoming) -> Option<Self> {
        let (theirs, ours) = (incoming.date()?, SystemTime::now());
        Some(match theirs.duration_since(ours) {
            Ok(behind) => Self { seconds: behind.as_secs(), behind: true },
            Err(ahead) => Self { seconds: ahead.duration().as_secs(), behind: false },
        })
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, behind } = *self;
        let way = if behind { "behind" } else { "ahead of" };
        write!(formatter, "this machine's clock is {seconds} s {way} the service's")?;
        // The service accepts a quarter of an hour.
        if seconds >= 15 * 60 { formatter.write_str(", which is too much: set it") } else { Ok(()) }
    }
}

/// A token that validation, or IAM, has let through.
pub(crate) fn secret_header(token: &str) -> Result<HeaderValue, Error> {
    let name = limits::AUTH_TOKEN.name;
    let mut value = HeaderValue::from_str(token)
        .map_err(|_| Error::invalid(name, format!("{name} cannot stand in a header")))?;
    value.set_sensitive(true);
    Ok(value)
}

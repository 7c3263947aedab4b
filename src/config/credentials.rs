//! The settings that say who is asking.

use super::Config;
use crate::credentials::{AccessKey, CredentialSources, Found, Login, discover};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::limits::{self, Text};
use crate::request::{check_header, check_length};
use crate::secret::Secret;

/// IAM's own limits are narrower and may change: it refuses what it does not know.
const IAM_PASSWORD: Text = Text { name: "iam_password", min: 1, max: 1024, mandatory: false };
const IAM_PROJECT: Text = Text { name: "iam_project", min: 1, max: 256, mandatory: false };
pub(crate) const ACCESS_KEY: Text = Text { name: "access_key", min: 1, max: 256, mandatory: false };
/// It must fit the request's head.
pub(crate) const SECURITY_TOKEN: Text =
    Text { name: "access_key", min: 1, max: 7900, mandatory: false };
pub(crate) const DOMAIN_ID: Text = Text { name: "domain_id", min: 1, max: 128, mandatory: false };
pub(crate) const PROJECT_ID: Text = Text { name: "project_id", min: 1, max: 128, mandatory: false };

/// The credentials that were set last.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    Token(Secret),
    Login(Login),
    AccessKey(AccessKey),
    Found(Box<Found>),
}

impl Config {
    /// The user token (`X-Auth-Token`), 1 to 5000 characters of visible ASCII.
    ///
    /// Of all credentials, the ones that are set last are used. `None` unsets a token.
    pub fn set_auth_token(&mut self, token: Option<&str>) -> Result<&mut Self, Error> {
        check_header(limits::AUTH_TOKEN, token)?;
        let is_kind = |chosen: &Chosen| matches!(chosen, Chosen::Token(_));
        self.choose(token.map(|token| Chosen::Token(Secret::new(token))), is_kind);
        Ok(self)
    }

    /// An account (its domain), its user and the password: the client fetches tokens from IAM,
    /// at the first call that needs one, and renews them before they end. `None` unsets them.
    pub fn set_iam_password(
        &mut self,
        login: Option<(&str, &str, &str)>,
    ) -> Result<&mut Self, Error> {
        if let Some((domain, user, password)) = login {
            for text in [domain, user, password] {
                check_length(IAM_PASSWORD, text)?;
            }
        }
        let login = login.map(|(domain, user, password)| {
            let [domain, user, password] = [domain, user, password].map(Secret::new);
            Chosen::Login(Login { domain, user, password })
        });
        self.choose(login, |chosen| matches!(chosen, Chosen::Login(_)));
        Ok(self)
    }

    /// An access key with its secret key, and the security token that comes with a temporary
    /// one: each request is signed. `None` unsets them.
    pub fn set_access_key(
        &mut self,
        key: Option<(&str, &str, Option<&str>)>,
    ) -> Result<&mut Self, Error> {
        if let Some((access_key, secret_key, security_token)) = key {
            check_header(ACCESS_KEY, Some(access_key))?;
            check_length(ACCESS_KEY, secret_key)?;
            check_header(SECURITY_TOKEN, security_token)?;
        }
        let key = key.map(|(access_key, secret_key, security_token)| {
            Chosen::AccessKey(AccessKey {
                id: Secret::new(access_key),
                secret_key: Secret::new(secret_key),
                security_token: security_token.map(Secret::new),
            })
        });
        self.choose(key, |chosen| matches!(chosen, Chosen::AccessKey(_)));
        Ok(self)
    }

    /// Looks for an access key where the vendor's SDKs look: in the environment
    /// (`HUAWEICLOUD_SDK_AK`, `…_SK`, `…_SECURITY_TOKEN`, `…_DOMAIN_ID`, `…_PROJECT_ID`), then
    /// in the file `~/.huaweicloud/credentials`, both now and once; then, at the first call, on
    /// the metadata server of a cloud host. [`set_credential_sources`](Self::set_credential_sources)
    /// switches them, before this is called.
    ///
    /// # Errors
    /// If nothing is found and the metadata server is switched off, or if what is found is
    /// half a key or cannot be read.
    pub fn set_credentials_from_environment(&mut self) -> Result<&mut Self, Error> {
        let found = discover(self.credential_sources)?;
        self.credentials = Some(Chosen::Found(Box::new(found)));
        Ok(self)
    }

    /// Where [`set_credentials_from_environment`](Self::set_credentials_from_environment)
    /// looks. All three by default.
    pub fn set_credential_sources(&mut self, sources: CredentialSources) -> &mut Self {
        self.credential_sources = sources;
        self
    }

    /// IAM's address, as an endpoint. By default the region's, else that of the endpoint's site, if
    /// its host is one of the cloud's own names.
    pub fn set_iam_endpoint(&mut self, endpoint: Option<&str>) -> Result<&mut Self, Error> {
        self.iam_endpoint =
            endpoint.map(|text| Endpoint::parse("iam_endpoint", text)).transpose()?;
        Ok(self)
    }

    /// The project, by name, that IAM's tokens shall be good for: 1 to 256 characters. By
    /// default the project of `set_project_id`, else the whole account.
    pub fn set_iam_project(&mut self, project: Option<&str>) -> Result<&mut Self, Error> {
        project.map_or(Ok(()), |project| check_length(IAM_PROJECT, project))?;
        self.iam_project = project.map(str::to_owned);
        Ok(self)
    }

    /// The account's ID, which signed requests tell (`X-Domain-Id`): 1 to 128 characters.
    pub fn set_domain_id(&mut self, id: Option<&str>) -> Result<&mut Self, Error> {
        check_header(DOMAIN_ID, id)?;
        self.domain_id = id.map(str::to_owned);
        Ok(self)
    }

    /// The project's ID, which signed requests tell (`X-Project-Id`) and which IAM's tokens
    /// shall be good for: 1 to 128 characters.
    pub fn set_project_id(&mut self, id: Option<&str>) -> Result<&mut Self, Error> {
        check_header(PROJECT_ID, id)?;
        self.project_id = id.map(str::to_owned);
        Ok(self)
    }

    /// A stand-in of the metadata server on this machine, for tests.
    #[doc(hidden)]
    pub fn set_metadata_endpoint(&mut self, endpoint: &str) -> Result<&mut Self, Error> {
        self.metadata_endpoint = Endpoint::parse("metadata_endpoint", endpoint)?;
        Ok(self)
    }

    /// Takes credentials; without any, unsets those of the setter's own kind.
    fn choose(&mut self, chosen: Option<Chosen>, is_kind: impl Fn(&Chosen) -> bool) {
        if chosen.is_some() || self.credentials.as_ref().is_some_and(is_kind) {
            self.credentials = chosen;
        }
    }
}

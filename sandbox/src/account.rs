//! The one account of the sandbox, with its one user and its one project.

use std::time::{Duration, Instant};

use crate::lockout::Lockout;

/// How long the user is locked after wrong passwords in a row.
pub const LOCKED_FOR: Duration = Duration::from_mins(15);

/// Who exists. Names and ids are those of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The account, which IAM also calls domain.
    pub account: String,
    /// Its id.
    pub account_id: String,
    /// The user.
    pub user: String,
    /// The project, which has the name of its region.
    pub project: String,
    /// Its id.
    pub project_id: String,
}

/// Something that is called by its name or by its id.
#[derive(Debug, PartialEq, Eq)]
pub enum Called {
    /// By its name.
    Name(String),
    /// By its id.
    Id(String),
}

impl Called {
    fn is(&self, name: &str, id: &str) -> bool {
        match self {
            Self::Name(given) => given == name,
            Self::Id(given) => given == id,
        }
    }
}

/// What a token is to be for.
#[derive(Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole account.
    Domain(Called),
    /// One project.
    Project(Called),
}

/// What a client says to get a token.
#[derive(Debug)]
pub struct Login {
    /// The name of the account.
    pub account: String,
    /// The name of the user.
    pub user: String,
    /// The password of the user.
    pub password: String,
    /// What the token is to be for.
    pub scope: Scope,
}

/// Why a login gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such account or user, or the password is another.
    Wrong,
    /// The user is locked, whatever the password.
    Locked,
    /// The scope is none of this account.
    UnknownScope,
}

/// The account. The time comes from the caller, so that tests need not wait.
#[derive(Debug)]
pub struct Account {
    /// Who exists.
    pub names: Names,
    password: String,
    lockout: Lockout,
}

impl Account {
    /// An account whose user has this password.
    pub fn new(names: Names, password: String) -> Self {
        Self { names, password, lockout: Lockout::new(LOCKED_FOR) }
    }

    /// Whether the login is right. The scope is looked at last: nobody learns without the
    /// password which projects there are.
    pub fn check(&mut self, login: &Login, now: Instant) -> Result<(), Refusal> {
        if login.account != self.names.account || login.user != self.names.user {
            return Err(Refusal::Wrong);
        }
        if self.lockout.is_locked(now) {
            return Err(Refusal::Locked);
        }
        let right = login.password == self.password;
        self.lockout.record(right, now);
        if !right {
            return Err(Refusal::Wrong);
        }
        let known = match &login.scope {
            Scope::Domain(called) => called.is(&self.names.account, &self.names.account_id),
            Scope::Project(called) => called.is(&self.names.project, &self.names.project_id),
        };
        if known { Ok(()) } else { Err(Refusal::UnknownScope) }
    }
}

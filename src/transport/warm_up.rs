//! What is best done before there are threads.

use ureq::Agent;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

use super::NoLookup;
use super::connection::Connection;

/// Has ureq make the one value that it makes at its first request, and keeps for the whole
/// process behind a lock. A fork while a thread makes it would leave the lock closed in the
/// child, whose calls would then wait for ever.
pub(crate) fn warm_up() {
    // So that a fork is known as one from the first value on.
    super::per_process::prepare();
    let agent = Agent::with_parts(Agent::config_builder().build(), NoConnection, NoLookup);
    // It fails for want of a connection, after the value has been made.
    let _ = agent.get("http://127.0.0.1").call();
}

#[derive(Debug)]
struct NoConnection;

impl Connector<()> for NoConnection {
    type Out = Connection;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        Ok(None)
    }
}

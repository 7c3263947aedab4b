//! Names to addresses, within a deadline.
//!
//! The system's lookup has no time limit, so it runs on a thread of its own.
//! Only a new connection comes here: a kept one and a literal address need no
//! lookup and no thread.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::deadline::Deadline;
use crate::endpoint::is_localhost;
use crate::error::ErrorKind;
use crate::library_thread;

/// How long an answer is used without asking again.
const FRESH: Duration = Duration::from_mins(1);
/// The most threads that wait for a name server at a time. A lookup cannot be
/// stopped, so without a bound a silent name server would collect them.
const MOST_LOOKUPS: usize = 4;

type Lookup = fn(&str) -> io::Result<Vec<IpAddr>>;

/// A cache of names with at most one lookup per name under way.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    shared: Arc<Shared>,
    lookup: Lookup,
}

#[derive(Debug, Default)]
struct Shared {
    names: Mutex<Names>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Names {
    entries: HashMap<String, Entry>,
    lookups: usize,
}

#[derive(Debug, Default)]
struct Entry {
    addresses: Vec<IpAddr>,
    asked_at: Option<Instant>,
    looking: bool,
    /// How many lookups have ended, so that a waiting call knows its own has.
    ended: u64,
    failure: String,
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self::with_lookup(system_lookup)
    }

    fn with_lookup(lookup: Lookup) -> Self {
        Self { shared: Arc::default(), lookup }
    }

    /// The addresses of a host, at least one. A name that was known before is
    /// used rather than failing, because the certificate, and not the name
    /// server, tells whether the peer is the right one.
    pub(super) fn resolve(&self, host: &str, deadline: Deadline) -> Result<Vec<IpAddr>, ErrorKind> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![address]);
        }
        if is_localhost(host) {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }

        let mut names = self.shared.lock();
        let entry = names.entries.entry(host.to_owned()).or_default();
        if entry.asked_at.is_some_and(|asked| asked.elapsed() < FRESH) {
            return Ok(entry.addresses.clone());
        }
        let known = entry.addresses.clone();
        // What is known leaves half of the time for connecting.
        let patience = if known.is_empty() {
            deadline
        } else {
            deadline.at_most(deadline.remaining().unwrap_or_default() / 2)
        };
        match self.wait(names, host, patience) {
            Ok(addresses) => Ok(addresses),
            Err(_) if !known.is_empty() => Ok(known),
            Err(Waited::Late) => Err(deadline.passed("looking up the service's name")),
            Err(Waited::Failed(failure)) => Err(ErrorKind::ConnectFailed(format!(
                "No connection: the name {host} was not found ({failure})."
            ))),
        }
    }

    /// Waits for the lookup that is under way, or for one that this call starts.
    fn wait(
        &self,
        mut names: MutexGuard<'_, Names>,
        host: &str,
        deadline: Deadline,
    ) -> Result<Vec<IpAddr>, Waited> {
        let ended = names.entries.get(host).map_or(0, |entry| entry.ended);
        loop {
            let lookups = names.lookups;
            let entry = names.entries.entry(host.to_owned()).or_default();
            if entry.ended != ended {
                return if entry.failure.is_empty() {
                    Ok(entry.addresses.clone())
                } else {
                    Err(Waited::Failed(entry.failure.clone()))
                };
            }
            if !entry.looking && lookups < MOST_LOOKUPS {
                self.start(host).map_err(|error| Waited::Failed(format!("no thread: {error}")))?;
                entry.looking = true;
                names.lookups += 1;
            }
            let left = deadline.remaining().map_err(|_| Waited::Late)?;
            names = self
                .shared
                .changed
                .wait_timeout(names, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn start(&self, host: &str) -> io::Result<()> {
        let (shared, lookup, host) = (Arc::clone(&self.shared), self.lookup, host.to_owned());
        let run = move || {
            let found = lookup(&host).and_then(|addresses| {
                if addresses.is_empty() {
                    Err(io::Error::other("no address"))
                } else {
                    Ok(addresses)
                }
            });
            let mut names = shared.lock();
            names.lookups -= 1;
            let entry = names.entries.entry(host).or_default();
            entry.looking = false;
            entry.ended += 1;
            match found {
                Ok(addresses) => {
                    entry.addresses = addresses;
                    entry.asked_at = Some(Instant::now());
                    entry.failure.clear();
                }
                Err(error) => entry.failure = error.to_string(),
            }
            drop(names);
            shared.changed.notify_all();
        };
        library_thread::named("contactverify-lookup").spawn(run).map(drop)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Waited {
    Late,
    Failed(String),
}

fn system_lookup(host: &str) -> io::Result<Vec<IpAddr>> {
    let mut addresses: Vec<IpAddr> =
        (host, 0).to_socket_addrs()?.map(|address| address.ip()).collect();
    addresses.dedup();
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    fn deadline() -> Deadline {
        Deadline::total(Duration::from_secs(5))
    }

    #[test]
    fn literals_and_localhost_need_no_lookup() {
        let resolver = Resolver::with_lookup(|_| unreachable!("a lookup was made"));
        let resolve = |host| resolver.resolve(host, deadline()).unwrap();
        assert_eq!(resolve("127.0.0.9"), ["127.0.0.9".parse::<IpAddr>().unwrap()]);
        assert_eq!(resolve("::1"), ["::1".parse::<IpAddr>().unwrap()]);
        assert!(resolve("LOCALHOST").iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn a_name_is_looked_up_once_and_then_known() {
        static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
        let resolver = Resolver::with_lookup(|_| {
            LOOKUPS.fetch_add(1, Ordering::SeqCst);
            Ok(vec![IpAddr::from([127, 0, 0, 7])])
        });
        thread::scope(|scope| {
            for _ in 0..16 {
                scope
                    .spawn(|| assert_eq!(resolver.resolve("a.test", deadline()).unwrap().len(), 1));
            }
        });
        assert_eq!(LOOKUPS.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn lookups_that_have_ended_make_room_for_others() {
        let resolver = Resolver::with_lookup(|_| Ok(vec![IpAddr::from([127, 0, 0, 7])]));
        for number in 0..=2 * MOST_LOOKUPS {
            assert!(resolver.resolve(&format!("{number}.test"), deadline()).is_ok());
        }
    }

    #[test]
    fn the_system_knows_this_machine() {
        let addresses = system_lookup("localhost").unwrap();
        assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn a_silent_name_server_costs_the_deadline_and_a_bounded_number_of_threads() {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let resolver = Resolver::with_lookup(|_| {
            STARTED.fetch_add(1, Ordering::SeqCst);
            loop {
                thread::park();
            }
        });
        for number in 0..50 {
            let soon = Deadline::total(Duration::from_millis(2));
            let error = resolver.resolve(&format!("{number}.test"), soon).unwrap_err();
            assert!(matches!(error, ErrorKind::Timeout(_)), "{error:?}");
        }
        assert!(STARTED.load(Ordering::SeqCst) <= MOST_LOOKUPS);
    }

    #[test]
    fn what_was_known_is_used_when_the_name_server_fails() {
        static FAILS: AtomicUsize = AtomicUsize::new(0);
        let resolver = Resolver::with_lookup(|_| match FAILS.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(vec![IpAddr::from([127, 0, 0, 7])]),
            _ => Err(io::Error::other("no server")),
        });
        assert!(resolver.resolve("a.test", deadline()).is_ok());
        resolver.shared.lock().entries.get_mut("a.test").unwrap().asked_at = None;
        assert!(resolver.resolve("a.test", deadline()).is_ok());
        assert!(resolver.resolve("b.test", deadline()).unwrap_err().to_string().contains("b.test"));
        assert_eq!(FAILS.load(Ordering::SeqCst), 3);
    }
}

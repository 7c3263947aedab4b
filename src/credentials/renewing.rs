//! A value that ends and is fetched anew: by one thread for all, and before it ends.
//!
//! It is measured on the monotonic clock from its lifetime, which the peer's own times tell,
//! so a wrong local clock changes nothing.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::logger::{LogLevel, Logger};
use crate::transport::{Deadline, PerProcess};

/// How long before its end a value is renewed, if it lives long enough.
const MARGIN: Duration = Duration::from_mins(10);
/// No value is trusted for longer than this, whatever its peer says.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24 * 7);
/// The time between two renewals in the background, if the first one failed.
const PAUSE: Duration = Duration::from_secs(10);
/// For so long, a refusal is remembered instead of asking again: IAM locks an account after
/// some wrong passwords within a quarter of an hour, and a program that goes on calling must
/// not do that to its account.
const REFUSED_FOR: Duration = Duration::from_mins(5);
/// For so long after it was fetched, a value is not given up twice in a row because the
/// service refused it: a fresh one will not do either.
const REFUSED_TWICE_WITHIN: Duration = Duration::from_mins(1);
/// A TLS handshake with its certificates fits easily.
const STACK_BYTES: usize = 512 * 1024;

/// Where a value comes from.
pub(crate) trait Source: fmt::Debug + Send + Sync + 'static {
    type Value: Send + Sync + 'static;
    /// What the value is, as in "No token from IAM: …".
    const NAME: &'static str;

    /// Fetches a new value and its lifetime, counted from when it was asked for.
    fn fetch(&self, deadline: Deadline) -> Result<(Self::Value, Duration), Error>;
}

/// A fetched value.
pub(crate) struct Held<V> {
    pub(super) value: V,
    fetched: Instant,
    renewed_from: Instant,
    ends: Instant,
    /// The one before it was refused by the service.
    after_refusal: bool,
    accepted: AtomicBool,
}

impl<V> Held<V> {
    fn new(value: V, asked: Instant, lifetime: Duration, after_refusal: bool) -> Self {
        let lifetime = lifetime.min(LONGEST_LIFETIME);
        Self {
            value,
            fetched: Instant::now(),
            renewed_from: asked + lifetime.saturating_sub(MARGIN.min(lifetime / 5)),
            ends: asked + lifetime,
            after_refusal,
            accepted: AtomicBool::new(false),
        }
    }

    /// The service took it.
    pub(super) fn accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }
}

/// The value of a source, for any number of threads.
pub(crate) struct Renewing<S: Source>(Arc<Inner<S>>);

struct Inner<S: Source> {
    source: S,
    /// For renewals in the background, which belong to no call.
    timeout: Duration,
    logger: Logger,
    /// A lock that a thread of the parent held would stay closed in a forked child.
    shared: PerProcess<Shared<S::Value>>,
}

struct Shared<V> {
    state: Mutex<State<V>>,
    changed: Condvar,
}

struct State<V> {
    held: Option<Arc<Held<V>>>,
    fetching: bool,
    /// How many fetches have ended, so that a waiting call knows its own has.
    ended: u64,
    failure: Option<Error>,
    refused: Option<(Instant, Error)>,
    /// Not before this moment is another renewal tried in the background.
    rested: Option<Instant>,
    /// The next value takes the place of one that the service refused.
    after_refusal: bool,
    /// What the background has to tell. The next call does, on its own thread.
    news: Vec<(LogLevel, String)>,
}

impl<V> Shared<V> {
    fn new() -> Self {
        let state = State {
            held: None,
            fetching: false,
            ended: 0,
            failure: None,
            refused: None,
            rested: None,
            after_refusal: false,
            news: Vec::new(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Source> fmt::Debug for Renewing<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Renewing").field(&self.0.source).finish()
    }
}

/// The one fetch that is under way. However it ends, the others may go on.
struct Turn<'a, V>(&'a Shared<V>);

impl<V> Drop for Turn<'_, V> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.fetching = false;
        state.ended += 1;
        drop(state);
        self.0.changed.notify_all();
    }
}

impl<S: Source> Renewing<S> {
    pub(super) fn new(source: S, timeout: Duration, logger: Logger) -> Self {
        Self(Arc::new(Inner { source, timeout, logger, shared: PerProcess::new() }))
    }

    /// The value: the one that is held, else one that this call or another fetches.
    pub(super) fn get(&self, deadline: Deadline) -> Result<Arc<Held<S::Value>>, Error> {
        let shared = self.0.shared();
        let begun = Instant::now();
        let mut state = self.tell(shared);
        loop {
            let now = Instant::now();
            if let Some(held) = &state.held
                && (now < held.ends || held.fetched >= begun)
            {
                let held = Arc::clone(held);
                let is_due =
                    now >= held.renewed_from && state.rested.is_none_or(|moment| now >= moment);
                if is_due && !state.fetching {
                    state.fetching = true;
                    drop(state);
                    self.renew_in_background();
                }
                return Ok(held);
            }
            if let Some((until, refusal)) = &state.refused
                && now < *until
            {
                return Err(refusal.clone());
            }
            if !state.fetching {
                state.fetching = true;
                drop(state);
                // A callback that makes a call itself would wait for the fetch that it is told of.
                let (outcome, news) = Logger::collect(|| self.0.fetch(shared, deadline));
                self.hand_on(news);
                return outcome;
            }
            let ended = state.ended;
            while state.ended == ended {
                let left = deadline.remaining().map_err(|_| {
                    let late = deadline.passed(&format!("waiting for the {}", S::NAME));
                    Error::unsent(late)
                })?;
                let waited = shared.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            if let Some(failure) = &state.failure {
                return Err(failure.clone());
            }
        }
    }

    /// Gives a value up that the service refused. False if a new one would not help either.
    pub(super) fn give_up(&self, refused: &Arc<Held<S::Value>>) -> bool {
        let mut state = self.0.shared().lock();
        match &state.held {
            // Another call has given it up already, and perhaps has a new one.
            Some(held) if !Arc::ptr_eq(held, refused) => true,
            None => true,
            Some(held) => {
                let hopeless = held.after_refusal
                    && !held.accepted.load(Ordering::Relaxed)
                    && held.fetched.elapsed() < REFUSED_TWICE_WITHIN;
                if !hopeless {
                    state.held = None;
                    state.after_refusal = true;
                }
                !hopeless
            }
        }
    }

    /// Hands on what the background had to tell: a callback of the host is called on the
    /// calling thread only, so that none is called once the client is freed.
    fn tell<'a>(&self, shared: &'a Shared<S::Value>) -> MutexGuard<'a, State<S::Value>> {
        let mut state = shared.lock();
        if state.news.is_empty() {
            return state;
        }
        let news = std::mem::take(&mut state.news);
        drop(state);
        self.hand_on(news);
        shared.lock()
    }

    fn hand_on(&self, news: Vec<(LogLevel, String)>) {
        for (level, line) in news {
            self.0.logger.log(level, || line);
        }
    }

    fn renew_in_background(&self) {
        let inner = Arc::clone(&self.0);
        let run = move || {
            let shared = inner.shared();
            let (outcome, mut news) =
                Logger::collect(|| inner.fetch(shared, Deadline::total(inner.timeout)));
            if let Err(error) = outcome {
                news.push((LogLevel::Warn, format!("not renewed: {error}")));
            }
            let mut state = shared.lock();
            state.news.extend(news);
        };
        let started =
            thread::Builder::new().name("contactverify-renewal".into()).stack_size(STACK_BYTES);
        if let Err(error) = started.spawn(run) {
            let shared = self.0.shared();
            shared.lock().rested = Some(Instant::now() + PAUSE);
            drop(Turn(shared));
            self.0.logger.log(LogLevel::Warn, || format!("not renewed: no thread: {error}"));
        }
    }
}

impl<S: Source> Inner<S> {
    fn shared(&self) -> &Shared<S::Value> {
        self.shared.get(Shared::new)
    }

    /// Fetches while all others wait or use what is held.
    fn fetch(
        &self,
        shared: &Shared<S::Value>,
        deadline: Deadline,
    ) -> Result<Arc<Held<S::Value>>, Error> {
        let _turn = Turn(shared);
        let asked = Instant::now();
        let fetched =
            self.source.fetch(deadline).map_err(|error| error.without_credentials(S::NAME));
        let mut state = shared.lock();
        match fetched {
            Ok((value, lifetime)) => {
                let held = Arc::new(Held::new(value, asked, lifetime, state.after_refusal));
                state.held = Some(Arc::clone(&held));
                state.after_refusal = false;
                state.failure = None;
                state.refused = None;
                state.rested = None;
                Ok(held)
            }
            Err(error) => {
                let is_refusal =
                    matches!(error.kind(), ErrorKind::Unauthorized(_) | ErrorKind::Forbidden(_));
                let again = Instant::now() + if is_refusal { REFUSED_FOR } else { PAUSE };
                state.refused = is_refusal.then(|| (again, error.clone()));
                state.rested = Some(again);
                // A call with more time than this one had may try for itself.
                let out_of_time = deadline.remaining().is_err();
                state.failure = (!out_of_time).then(|| error.clone());
                Err(error)
            }
        }
    }
}

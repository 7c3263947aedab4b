//! A value that ends and is fetched anew: by one thread for all, and before it ends.
//!
//! It is measured on the monotonic clock from its lifetime, which the peer's own times tell,
//! so a wrong local clock changes nothing.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Sent};
use crate::library_thread;
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
/// For so long, a fetch is not repeated that left and had no answer, or was asked to wait: it may
/// have counted all the same.
const UNANSWERED_FOR: Duration = Duration::from_secs(1);
/// For so long after it was fetched, a value is not given up twice in a row because the
/// service refused it: a fresh one will not do either.
const REFUSED_TWICE_WITHIN: Duration = Duration::from_mins(1);

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
    /// For fetches, which belong to no call.
    timeout: Duration,
    logger: Logger,
    refusal: Refusal,
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
    /// What the last one ended in, if it failed.
    failure: Option<Error>,
    /// Until then, the failure is told again instead of asking again.
    remembered: Option<(Instant, Error)>,
    /// Not before this moment is another renewal tried in the background.
    rested: Option<Instant>,
    /// The next value takes the place of one that the service refused.
    after_refusal: bool,
    /// What the library's own thread has to tell. The next call does, on its own.
    news: Vec<(LogLevel, String)>,
}

impl<V> Shared<V> {
    fn new() -> Self {
        let state = State {
            held: None,
            fetching: false,
            ended: 0,
            failure: None,
            remembered: None,
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
        if thread::panicking() {
            let bug = "a fetch of credentials broke off".to_owned();
            state.failure = Some(Error::unsent(ErrorKind::Internal(bug)));
        }
        drop(state);
        self.0.changed.notify_all();
    }
}

impl<S: Source> Renewing<S> {
    pub(super) fn new(source: S, timeout: Duration, logger: Logger) -> Self {
        let refusal = Refusal { made: Instant::now(), until: AtomicU64::new(0) };
        Self(Arc::new(Inner { source, timeout, logger, refusal, shared: PerProcess::new() }))
    }

    /// The value: the one that is held, else one that is fetched now, for this call and all
    /// others. A call that cannot wait for it leaves the fetch to those that come later.
    pub(super) fn get(&self, deadline: Deadline) -> Result<Arc<Held<S::Value>>, Error> {
        let shared = self.0.shared();
        let begun = Instant::now();
        let mut has_waited = false;
        let mut state = self.tell(shared);
        loop {
            let now = Instant::now();
            if let Some(held) = &state.held
                && (now < held.ends || held.fetched >= begun)
            {
                let held = Arc::clone(held);
                let is_due = (held.renewed_from..held.ends).contains(&now)
                    && state.rested.is_none_or(|moment| now >= moment);
                if is_due && !state.fetching {
                    drop(self.begin(state, None));
                }
                return Ok(held);
            }
            if let Some(failure) = state.failure.as_ref().filter(|_| has_waited) {
                return Err(failure.clone());
            }
            if let Some((until, failure)) = &state.remembered
                && now < *until
            {
                return Err(failure.clone());
            }
            self.0.refusal.check(now)?;
            let ended = state.ended;
            if !state.fetching {
                state = self.begin(state, Some(deadline));
            }
            while state.ended == ended {
                let left = deadline.remaining().map_err(|_| {
                    Error::unsent(deadline.passed("waiting for it")).without_credentials(S::NAME)
                })?;
                let waited = shared.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            has_waited = true;
            drop(state);
            state = self.tell(shared);
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

    /// Hands on what the library's own thread had to tell: a callback of the host is called on
    /// the calling thread only, so that none is called once the client is freed.
    fn tell<'a>(&self, shared: &'a Shared<S::Value>) -> MutexGuard<'a, State<S::Value>> {
        let mut state = shared.lock();
        if state.news.is_empty() {
            return state;
        }
        let news = std::mem::take(&mut state.news);
        drop(state);
        for (level, line) in news {
            self.0.logger.log(level, || line);
        }
        shared.lock()
    }

    /// Begins a fetch on a thread of the library's own, which no call's deadline ends: a login
    /// that was broken off for a call in a hurry would have to be made again for the next. Where
    /// no thread is to be had, the calling one does it, within its own deadline if it has to wait.
    fn begin<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<S::Value>>,
        waiting: Option<Deadline>,
    ) -> MutexGuard<'a, State<S::Value>> {
        state.fetching = true;
        drop(state);
        let inner = Arc::clone(&self.0);
        let run = move || inner.fetch(inner.shared(), Deadline::total(inner.timeout));
        let shared = self.0.shared();
        if let Err(error) = library_thread::named("contactverify-renewal").spawn(run) {
            if let Some(deadline) = waiting {
                self.0.fetch(shared, deadline);
            } else {
                let _turn = Turn(shared);
                let mut state = shared.lock();
                state.rested = Some(Instant::now() + PAUSE);
                state.news.push((LogLevel::Warn, format!("not renewed: no thread: {error}")));
            }
        }
        shared.lock()
    }
}

impl<S: Source> Inner<S> {
    fn shared(&self) -> &Shared<S::Value> {
        self.shared.get(Shared::new)
    }

    /// Fetches while all others wait or use what is held. What there is to be told of it, the
    /// waiting call does, on its own thread.
    fn fetch(&self, shared: &Shared<S::Value>, deadline: Deadline) {
        let _turn = Turn(shared);
        let asked = Instant::now();
        let (fetched, mut news) = Logger::collect(|| self.source.fetch(deadline));
        let mut state = shared.lock();
        match fetched {
            Ok((value, lifetime)) => {
                let held = Held::new(value, asked, lifetime, state.after_refusal);
                state.held = Some(Arc::new(held));
                state.after_refusal = false;
                state.failure = None;
                state.remembered = None;
                state.rested = None;
                self.refusal.forget();
            }
            Err(error) => {
                let now = Instant::now();
                let is_unanswered = error.sent() == Sent::Maybe;
                let error = error.without_credentials(S::NAME);
                if state.held.as_ref().is_some_and(|held| now < held.ends) {
                    news.push((LogLevel::Warn, format!("not renewed: {error}")));
                }
                let rest = match error.kind() {
                    ErrorKind::Unauthorized(_) | ErrorKind::Forbidden(_) => {
                        self.refusal.remember(now + REFUSED_FOR);
                        REFUSED_FOR
                    }
                    ErrorKind::RateLimited(_) => {
                        error.retry_after().unwrap_or(UNANSWERED_FOR).min(REFUSED_FOR)
                    }
                    _ if is_unanswered => UNANSWERED_FOR,
                    _ => Duration::ZERO,
                };
                state.remembered = Some((now + rest, error.clone()));
                state.rested = Some(now + rest.max(PAUSE));
                state.failure = Some(error);
            }
        }
        state.news.extend(news);
    }
}

/// Until when a refusal is remembered, across forks: the lock of an account knows no processes.
/// A lock would not do, since a thread of the parent may have held it when the child came to be.
struct Refusal {
    made: Instant,
    /// Milliseconds since then.
    until: AtomicU64,
}

impl Refusal {
    fn remember(&self, until: Instant) {
        let milliseconds = until.saturating_duration_since(self.made).as_millis();
        self.until.store(u64::try_from(milliseconds).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn forget(&self) {
        self.until.store(0, Ordering::Relaxed);
    }

    /// Only a forked child comes here with a refusal, that of its parent: in one process, the
    /// answer itself is remembered too.
    fn check(&self, now: Instant) -> Result<(), Error> {
        if now >= self.made + Duration::from_millis(self.until.load(Ordering::Relaxed)) {
            return Ok(());
        }
        let reason = "No token: the login was refused a short time ago, in the process that \
                      started this one. It is not repeated for some minutes, because that locks \
                      accounts.";
        Err(Error::unsent(ErrorKind::Unauthorized(reason.to_owned())))
    }
}

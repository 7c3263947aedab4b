//! Runs the table, and asserts for every case what must hold in all of them:
//!
//! - the call ends within its deadline and 100 ms;
//! - the peer saw at most one request for the call;
//! - no secret stands in a message, a log line, or on another connection;
//! - bytes, descriptors and threads are back where they were;
//! - the next call on the same client gets the peer's honest answer, its own.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use contactverify::capi::*;
use rustls::ServerConfig;

use crate::caller::{Caller, Maker, in_c, in_cpp};
use crate::case::{Case, Kind, Own, Then};
use crate::support::c::{Call, Outcome};
use crate::support::certificates::{AUTHORITY, Validity};
use crate::support::peer::{Conversation, Peer};
use crate::support::{customer_id, own};

/// How late a call may be.
const LATENESS: Duration = Duration::from_millis(100);
pub const CODE: &str = "493817";
pub const CONTACT: &str = "canary-contact@example.com";
/// What the cases with IAM and with signatures use.
pub const PASSWORD: &str = "canary-password-of-iam";
pub const SECRET_KEY: &str = "canary-secret-key";

static SERVER: LazyLock<Arc<ServerConfig>> =
    LazyLock::new(|| AUTHORITY.server("127.0.0.1", Validity::Now));
pub static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());
static RUNS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
pub struct Report {
    pub cases: usize,
    pub runs: usize,
    pub cases_failed: usize,
    pub failures: Vec<String>,
}

/// One way of running a case.
#[derive(Debug, Clone, Copy)]
struct Way {
    reused: bool,
    tls: bool,
    bytewise: bool,
    call: Call,
}

/// The calls beside the verification read answers with the same code, so for them one way of
/// running a case is enough; each call has another one.
const OTHER_CALLS: [Way; 3] = [
    Way { reused: false, tls: false, bytewise: false, call: Call::Send },
    Way { reused: true, tls: false, bytewise: false, call: Call::Need },
    Way { reused: false, tls: true, bytewise: false, call: Call::List },
];

pub fn run(cases: &[Case]) -> Report {
    let mut report = Report { cases: cases.len(), ..Report::default() };
    // The first calls make what lasts for the whole process, such as the harness's own lines.
    LazyLock::force(&SERVER);
    let (slow, quick): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| matches!(case.kind, Kind::Timed));
    for case in quick {
        note(&mut report, case, in_all_ways(case));
    }
    // Each of these lasts a second. Together they take little more than the longest.
    let leaks = Leaks::before();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = slow.iter().map(|case| scope.spawn(|| in_all_ways(case))).collect();
        running.into_iter().map(|case| case.join().unwrap()).collect()
    });
    for (case, outcome) in slow.into_iter().zip(outcomes) {
        note(&mut report, case, outcome);
    }
    if let Some(leaked) = leaks.after(false) {
        report.failures.push(format!("all slow cases: {leaked}"));
    }
    report
}

/// The same table through `contactverify.hpp`, once for each call: what a peer does is the C
/// functions' affair, and what they tell the header's. Cases that make their own calls are left out.
pub fn run_in_cpp(cases: &[Case]) -> Report {
    let mut report = Report::default();
    let applicable = cases.iter().filter(|case| !matches!(case.kind, Kind::Whole(_)));
    let (slow, quick): (Vec<_>, Vec<_>) =
        applicable.partition(|case| matches!(case.kind, Kind::Timed));
    report.cases = slow.len() + quick.len();
    for case in quick {
        note(&mut report, case, in_cpp_ways(case));
    }
    let outcomes: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = slow.iter().map(|case| scope.spawn(|| in_cpp_ways(case))).collect();
        running.into_iter().map(|case| case.join().unwrap()).collect()
    });
    for (case, outcome) in slow.into_iter().zip(outcomes) {
        note(&mut report, case, outcome);
    }
    report
}

fn in_cpp_ways(case: &Case) -> (usize, Vec<String>) {
    let verifies = |reused, tls| Way { reused, tls, bytewise: false, call: Call::Verify };
    let mut ways = vec![verifies(false, false), verifies(true, false), verifies(true, true)];
    if matches!(case.kind, Kind::Answer) {
        ways.extend(OTHER_CALLS);
    }
    let complaints = ways.iter().filter_map(|way| {
        let said = catch_unwind(AssertUnwindSafe(|| once(case, *way, &in_cpp)));
        let said = said.unwrap_or_else(|_| vec!["panicked".to_owned()]);
        (!said.is_empty()).then(|| format!("{way:?} in C++: {}", said.join("; ")))
    });
    let complaints = complaints.collect();
    (ways.len(), complaints)
}

fn note(report: &mut Report, case: &Case, complaints: (usize, Vec<String>)) {
    let (runs, complaints) = complaints;
    report.runs += runs;
    report.cases_failed += usize::from(!complaints.is_empty());
    report.failures.extend(complaints.into_iter().map(|said| format!("{}: {said}", case.name)));
}

/// Runs a case in every way that makes sense; returns how many those were and what was wrong.
fn in_all_ways(case: &Case) -> (usize, Vec<String>) {
    let mut complaints = Vec::new();
    let mut runs = 0;
    let mut attempt = |way: Option<Way>, run: &dyn Fn() -> Vec<String>| {
        runs += 1;
        let said = catch_unwind(AssertUnwindSafe(run));
        let said = said.unwrap_or_else(|_| vec!["panicked".to_owned()]);
        if !said.is_empty() {
            complaints.push(format!("{way:?}: {}", said.join("; ")));
        }
    };
    if let Kind::Whole(run) = case.kind {
        attempt(None, &|| whole(case, run));
        return (runs, complaints);
    }
    let mut ways = Vec::new();
    for reused in [false, true] {
        for tls in [false, true] {
            for bytewise in [false, true] {
                if bytewise && !matches!(case.kind, Kind::Answer) {
                    continue;
                }
                let way = Way { reused, tls, bytewise, call: Call::Verify };
                ways.push(way);
            }
        }
    }
    if matches!(case.kind, Kind::Answer) {
        ways.extend(OTHER_CALLS);
    }
    for way in ways {
        // Each attempt runs the case twice.
        for _ in 0..case.plays.div_ceil(2) {
            attempt(Some(way), &|| {
                if matches!(case.kind, Kind::Timed) {
                    return once(case, way, &in_c);
                }
                // What a first run leaves in caches, or a signature that is a byte
                // longer than the last, is no leak. What every run adds to is one.
                let mut said = once(case, way, &in_c);
                let mut leaked = None;
                for _ in 0..3 {
                    let leaks = Leaks::before();
                    said.extend(once(case, way, &in_c));
                    // Complaints take memory themselves: with one, nothing is counted.
                    leaked = if said.is_empty() { leaks.after(true) } else { None };
                    if leaked.is_none() {
                        break;
                    }
                }
                said.extend(leaked);
                said
            });
        }
    }
    (runs, complaints)
}

/// What a process holds.
struct Leaks {
    bytes: isize,
    descriptors: usize,
    threads: usize,
}

impl Leaks {
    fn before() -> Self {
        let count = |folder| fs::read_dir(folder).unwrap().count();
        Self {
            descriptors: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
            bytes: BYTES_IN_USE.load(Ordering::SeqCst),
        }
    }

    /// What was not given back. A thread that has been joined may stand in the kernel's list
    /// for a moment longer.
    fn after(&self, bytes_too: bool) -> Option<String> {
        let patience = Instant::now() + Duration::from_secs(2);
        loop {
            let now = Self::before();
            let more = (
                now.bytes - self.bytes,
                now.descriptors.cast_signed() - self.descriptors.cast_signed(),
                now.threads.cast_signed() - self.threads.cast_signed(),
            );
            if more.1 <= 0 && more.2 <= 0 && (more.0 <= 0 || !bytes_too) {
                return None;
            }
            if Instant::now() > patience {
                return Some(format!("leaked (bytes, descriptors, threads): {more:?}"));
            }
            thread::yield_now();
        }
    }
}

/// The case once, in one way, with a peer and a client of its own.
fn once(case: &Case, way: Way, make: Maker) -> Vec<String> {
    let turn = Arc::new(AtomicUsize::new(0));
    let (played, has_played) = mpsc::channel();
    let hostile_turn = usize::from(way.reused);
    let script = {
        let (turn, case) = (Arc::clone(&turn), case.clone());
        move |conversation: &mut Conversation| {
            conversation.bytewise = way.bytewise;
            while let Some(request) = conversation.request() {
                let then = if turn.fetch_add(1, Ordering::SeqCst) == hostile_turn {
                    let then = (case.play)(conversation);
                    let _ = played.send(());
                    then
                } else {
                    conversation.send(&own(&customer_id(&request)));
                    Then::Stay
                };
                match then {
                    Then::Stay => {}
                    Then::Close => return,
                    Then::Reset => return conversation.reset(),
                }
            }
        }
    };
    let peer = if way.tls { Peer::tls(Arc::clone(&SERVER), script) } else { Peer::plain(script) };
    let number = RUNS.fetch_add(1, Ordering::SeqCst);
    let client = make(&peer.endpoint(), case.deadline, way.reused != way.tls);

    let mut said = Vec::new();
    if way.reused {
        said.extend(honestly(&*client, number, 0));
    }
    let before = peer.seen.requests().len();
    let token = token(number, 1);
    let outcome = client.call(way.call, &token, "hostile");
    let requests = peer.seen.requests().len() - before;
    said.extend(judge(case, way.call, &outcome, &token));
    if requests > 1 {
        said.push(format!("the peer saw {requests} requests"));
    }
    if outcome.status == CONTACTVERIFY_OK && requests == 0 {
        said.push("verified without a request".to_owned());
    }
    // Bytes that arrive while the next request leaves cannot be told from its answer. So the
    // next call begins when the peer has said all it had to say.
    if has_played.recv_timeout(Duration::from_secs(10)).is_err() {
        said.push("the peer was never asked, or does not end".to_owned());
    }
    said.extend(honestly(&*client, number, 2));
    drop(client);
    said.extend(elsewhere(&peer.seen.requests(), number));
    said
}

/// A case that brings its own peers.
fn whole(case: &Case, run: fn(&mut Own)) -> Vec<String> {
    let leaks = Leaks::before();
    let mut own = Own::default();
    run(&mut own);
    let mut said = own.complaints;
    if own.outcomes.is_empty() {
        said.push("no call was made".to_owned());
    }
    for outcome in &own.outcomes {
        said.extend(judge(case, Call::Verify, outcome, "token-of-the-tests"));
    }
    said.extend(leaks.after(false));
    said
}

/// What must be true of the outcome of every hostile call.
fn judge(case: &Case, call: Call, outcome: &Outcome, token: &str) -> Vec<String> {
    let mut said = Vec::new();
    if !case.ends.allows(call, outcome) {
        said.push(format!("ended in {outcome:?}"));
    }
    if outcome.took > case.deadline + LATENESS {
        said.push(format!("took {:?}", outcome.took));
    }
    let Outcome { message, error_code, error_msg, request_id, field, .. } = outcome;
    let log = std::mem::take(&mut *LOG.lock().unwrap());
    for text in [message, error_code, error_msg, request_id, field].into_iter().chain(&log) {
        for secret in [token, CODE, CONTACT, PASSWORD, SECRET_KEY] {
            // Only a verification has a code to keep.
            if text.contains(secret) && (secret != CODE || call == Call::Verify) {
                said.push(format!("a secret stands in: {text}"));
            }
        }
        if text.len() > 1200 || text.chars().any(char::is_control) {
            said.push(format!("not fit to show: {text:?}"));
        }
    }
    said
}

/// A call to an honest peer, which answers with the caller's own id.
fn honestly(client: &dyn Caller, number: usize, turn: usize) -> Option<String> {
    let id = format!("honest-{number}-{turn}");
    let outcome = client.call(Call::Verify, &token(number, turn), &id);
    let as_expected = outcome.status == CONTACTVERIFY_REJECTED && outcome.error_code == id;
    (!as_expected).then(|| format!("call {turn} to the honest peer ended in {outcome:?}"))
}

fn token(number: usize, turn: usize) -> String {
    format!("canary-token-{number}-{turn}-of-its-own")
}

/// Each request carries the token of its own call and no other.
fn elsewhere(requests: &[Vec<u8>], number: usize) -> Vec<String> {
    let mut said = Vec::new();
    let tokens: Vec<_> = (0..3).map(|turn| token(number, turn)).collect();
    for request in requests {
        let request = String::from_utf8_lossy(request);
        let found = tokens.iter().filter(|token| request.contains(token.as_str())).count();
        if found != 1 {
            said.push(format!("{found} tokens in one request"));
        }
    }
    said
}

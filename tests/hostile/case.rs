//! What a case is: what the peer does, and what the call must end in.

use std::sync::Arc;
use std::time::Duration;

use contactverify::capi::*;

use crate::support::c::{Call, Outcome};
use crate::support::peer::Conversation;

/// What the peer does with the connection once it has read the request.
pub type Play = Arc<dyn Fn(&mut Conversation) -> Then + Send + Sync>;

/// How the conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The peer waits for the next request.
    Stay,
    /// The peer closes.
    Close,
    /// The peer closes without the courtesy of an end.
    Reset,
}

/// What a call may end in.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    statuses: &'static [i32],
    sent: Option<i32>,
}

impl Ends {
    /// The same statuses, however far the request came.
    pub const fn whatever_was_sent(self) -> Self {
        Self { statuses: self.statuses, sent: None }
    }

    /// Whether a call may end so. What verifies a code is no answer to a question: it lacks the
    /// members that the question is about.
    pub fn allows(&self, call: Call, outcome: &Outcome) -> bool {
        let asks = matches!(call, Call::Need | Call::List);
        let allowed = self.statuses.iter().any(|status| {
            let proves_nothing = asks && *status == CONTACTVERIFY_OK;
            outcome.status == if proves_nothing { CONTACTVERIFY_BAD_RESPONSE } else { *status }
        });
        allowed && self.sent.is_none_or(|sent| sent == outcome.sent)
    }
}

pub const VERIFIED: Ends = ends(&[CONTACTVERIFY_OK], CONTACTVERIFY_SENT_ANSWERED);
pub const REJECTED: Ends = ends(&[CONTACTVERIFY_REJECTED], CONTACTVERIFY_SENT_ANSWERED);
pub const BAD: Ends = Ends { statuses: &[CONTACTVERIFY_BAD_RESPONSE], sent: None };
pub const LOST: Ends = ends(&[CONTACTVERIFY_CONNECTION_LOST], CONTACTVERIFY_SENT_MAYBE);
pub const LOST_OR_BAD: Ends =
    Ends { statuses: &[CONTACTVERIFY_CONNECTION_LOST, CONTACTVERIFY_BAD_RESPONSE], sent: None };
pub const VERIFIED_OR_BAD: Ends =
    Ends { statuses: &[CONTACTVERIFY_OK, CONTACTVERIFY_BAD_RESPONSE], sent: None };
pub const TIMED_OUT: Ends = ends(&[CONTACTVERIFY_TIMEOUT], CONTACTVERIFY_SENT_MAYBE);
pub const TIMED_OUT_UNSENT: Ends = ends(&[CONTACTVERIFY_TIMEOUT], CONTACTVERIFY_SENT_NO);
pub const REFUSED: Ends = ends(&[CONTACTVERIFY_REQUEST_REFUSED], CONTACTVERIFY_SENT_ANSWERED);
pub const UNAUTHORIZED: Ends = ends(&[CONTACTVERIFY_UNAUTHORIZED], CONTACTVERIFY_SENT_ANSWERED);
pub const FORBIDDEN: Ends = ends(&[CONTACTVERIFY_FORBIDDEN], CONTACTVERIFY_SENT_ANSWERED);
pub const FAILED: Ends = ends(&[CONTACTVERIFY_SERVICE_ERROR], CONTACTVERIFY_SENT_ANSWERED);
pub const UNCONNECTED: Ends = ends(&[CONTACTVERIFY_CONNECT_FAILED], CONTACTVERIFY_SENT_NO);
pub const TLS: Ends = ends(&[CONTACTVERIFY_TLS_FAILED], CONTACTVERIFY_SENT_NO);
/// With TLS 1.3 a refusal may come after the client is done.
pub const TLS_OR_LOST: Ends =
    Ends { statuses: &[CONTACTVERIFY_TLS_FAILED, CONTACTVERIFY_CONNECTION_LOST], sent: None };

const fn ends(statuses: &'static [i32], sent: i32) -> Ends {
    Ends { statuses, sent: Some(sent) }
}

/// On which of the two connections, over which transport, in which writes a case makes sense.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Everywhere: the peer only answers.
    Answer,
    /// As `Answer`, but never bytewise: there are too many bytes for that.
    Much,
    /// As `Much`: the play takes its own time, and the case runs beside the other slow ones.
    Timed,
    /// Once, by itself: the case makes its own peer.
    Whole(fn(&mut Own)),
}

/// A case that makes its own peer reports here.
#[derive(Default)]
pub struct Own {
    pub outcomes: Vec<Outcome>,
    pub complaints: Vec<String>,
}

impl Own {
    /// Notes what does not hold.
    pub fn holds(&mut self, what: &str, holds: bool) {
        if !holds {
            self.complaints.push(what.to_owned());
        }
    }
}

/// One row of the table.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    pub kind: Kind,
    pub play: Play,
    pub ends: Ends,
    /// The deadline of the call.
    pub deadline: Duration,
    /// How many different plays there are: each run takes the next.
    pub plays: usize,
}

/// A peer that answers with these bytes and then does as `then` says.
pub fn answers(name: &'static str, bytes: impl Into<Vec<u8>>, then: Then, ends: Ends) -> Case {
    let bytes = bytes.into();
    let kind = if bytes.len() > 4096 { Kind::Much } else { Kind::Answer };
    let case = plays(name, ends, move |conversation| {
        conversation.send(&bytes);
        then
    });
    Case { kind, ..case }
}

/// A peer that sends without end.
pub fn floods(
    name: &'static str,
    ends: Ends,
    play: impl Fn(&mut Conversation) -> Then + Send + Sync + 'static,
) -> Case {
    Case { kind: Kind::Much, ..plays(name, ends, play) }
}

/// A peer that does what the play says.
pub fn plays(
    name: &'static str,
    ends: Ends,
    play: impl Fn(&mut Conversation) -> Then + Send + Sync + 'static,
) -> Case {
    Case {
        name,
        kind: Kind::Answer,
        play: Arc::new(play),
        ends,
        deadline: Duration::from_secs(5),
        plays: 1,
    }
}

/// A peer that takes its time, against a deadline of one second.
pub fn slow(
    name: &'static str,
    ends: Ends,
    play: impl Fn(&mut Conversation) -> Then + Send + Sync + 'static,
) -> Case {
    Case { kind: Kind::Timed, deadline: Duration::from_secs(1), ..plays(name, ends, play) }
}

/// A case with a peer of its own, which tells what came of it.
pub fn whole(name: &'static str, ends: Ends, run: fn(&mut Own)) -> Case {
    Case { kind: Kind::Whole(run), ..plays(name, ends, |_| Then::Close) }
}

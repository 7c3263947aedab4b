//! What a request is for, in the words that a person reads when its answer is missing.

/// What every call has in common whose request has not left.
pub(crate) const UNSENT: &str = "Nothing was sent.";

/// What messages say differently from call to call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    /// What is not known without a valid answer.
    pub(crate) unconfirmed: &'static str,
    /// What the service's refusal means.
    pub(crate) refused: &'static str,
    /// What to do once the request has left and no whole answer came.
    pub(crate) lost: &'static str,
}

impl Purpose {
    pub(crate) const VERIFY: Self = Self {
        unconfirmed: "Not verified",
        refused: "Not verified",
        lost: "The code may be used up: have a new one sent.",
    };
    pub(crate) const SEND: Self = Self {
        unconfirmed: "Not known whether a code was sent",
        refused: "No code was sent",
        lost: "A code may be on its way: wait a minute before another is sent.",
    };
    pub(crate) const ASK: Self = Self {
        unconfirmed: "No valid answer",
        refused: "No answer",
        lost: "Asking again does no harm.",
    };
    pub(crate) const AUTHENTICATE: Self = Self {
        unconfirmed: "No valid answer",
        refused: "Refused",
        lost: "Nothing was sent to the service.",
    };
}

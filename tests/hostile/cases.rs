//! The table, by chapter.

mod bodies;
mod connections;
mod credentials;
mod http;
mod proxies;
mod redirects;
mod slow;
mod tls;

use crate::case::Case;

pub fn all() -> Vec<Case> {
    [
        http::cases(),
        bodies::cases(),
        redirects::cases(),
        slow::cases(),
        tls::cases(),
        connections::cases(),
        proxies::cases(),
        credentials::cases(),
    ]
    .concat()
}

//! Credentials that expire or are refused during a run.

use package_storage_migrate::v2::store::bucket::StoreKind::{Azure, Gcs, S3};

use super::{CURSOR, DONE, INDEX, NOT_COMPLETE, Refused, Row, With, nothing, row};
use crate::support::fault_server::{Reply, Request};
use crate::support::faulty_store::{Aim, Faulty};

/// The answer to a token that has expired.
fn expired(f: &Faulty) -> Reply {
    match f.store.kind {
        Gcs => f.store.error(401, "authError"),
        S3 => f.store.error(400, "ExpiredToken"),
        Azure => f.store.error(401, "InvalidAuthenticationInfo"),
    }
}

/// Refuses the first token for each write after the second one.
fn ends(f: &Faulty, r: &Request) -> Option<Reply> {
    let is_refused = f.writes(r, "") && Faulty::token_number(r) == 1 && f.nth("writes") >= 2;
    is_refused.then(|| expired(f))
}

/// Replaces the answers of the token server after the first one.
fn renewed(f: &Faulty, r: &Request, reply: fn(&Faulty) -> Reply) -> Option<Reply> {
    (f.aim(r) == Aim::Token && f.nth("asked for a token") >= 1).then(|| reply(f))
}

/// With one request after the other, the first archive and its signature are there.
macro_rules! after_two {
    ($detail:literal, $cursor:expr) => {
        With(
            3,
            &[
                ("packages/beacon", "created"),
                (".sig", "withheld archive-not-there"),
                (INDEX, NOT_COMPLETE),
                (CURSOR, $cursor),
                ("", concat!("failed ", $detail)),
            ],
        )
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("none: tokens of a server", nothing, |_, _| None, DONE).variables(Faulty::token_variables),
    row("a token that expires during the run", nothing, ends, DONE).variables(Faulty::token_variables),
    row("a token that expires during the run, one request after the other", nothing, ends, DONE).variables(Faulty::token_variables).args("--jobs 1"),
    row("no token is accepted any more", nothing, |f, r| match f.writes(r, "") && f.nth("writes") >= 2 { true => Some(expired(f)), false => None },
        after_two!("HTTP status 40…", NOT_COMPLETE)).variables(Faulty::token_variables).args("--jobs 1"),
    row("no new token: 403", nothing, |f, r| ends(f, r).or_else(|| renewed(f, r, |f| f.store.error(403, "planted"))),
        after_two!("the credentials from …", "failed the credentials from …")).variables(Faulty::token_variables).args("--jobs 1"),
    row("no new token: a page of a proxy", nothing, |f, r| ends(f, r).or_else(|| renewed(f, r, |_| Reply { body: b"<html>planted".to_vec(), ..Reply::status(200) })),
        after_two!("the credentials from …", "failed the credentials from …")).variables(Faulty::token_variables).args("--jobs 1"),
    row("a new token after 500, once", nothing, |f, r| ends(f, r).or_else(|| (f.aim(r) == Aim::Token && f.nth("asked for a token") == 1).then(|| f.store.error(500, "planted"))), DONE)
        .variables(Faulty::token_variables),
    row("no token at all: 401", nothing, |f, r| (f.aim(r) == Aim::Token).then(|| f.store.error(401, "planted")), Refused("cannot be used")).variables(Faulty::token_variables).only(&[S3, Azure]),
];

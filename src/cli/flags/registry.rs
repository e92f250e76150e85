//! The flags of `verify` that concern a running registry.

use std::time::Duration;

use crate::cli::named_values::named;
use crate::model::package::{PackageName, PackageVersion, RevisionId};
use crate::model::verification::ServedFrom;
use crate::ops::verify::RegistryOptions;
use crate::v2::store::http::BaseUrl;

/// The pause between two rounds of requests while waiting; a registry polls its index every minute.
const PAUSE: Duration = Duration::from_secs(10);

/// What to ask a registry.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RegistryArgs {
    /// Instead of --v2: the URL of a running registry, whose answers are compared with v1
    #[arg(long, value_name = "URL", group = "place", conflicts_with = "public_key")]
    pub(in crate::cli) registry_url: Option<String>,

    /// A revision that the registry should have and v1 does not, <name>-<version>; repeatable
    #[arg(
        long,
        value_name = "REVISION",
        value_delimiter = ',',
        value_parser = parse_revision
    )]
    known_extra: Vec<RevisionId>,

    /// What the registry serves packages from: folders, archives or storage [default: concluded from the
    /// headers of each archive]
    #[arg(
        long,
        value_name = "SOURCE",
        value_parser = named::<ServedFrom>(&["folders", "archives", "storage"]),
        hide_possible_values = true
    )]
    served_from: Option<ServedFrom>,

    /// Request again what differs for this long, such as 90s, 11m or 1h: a registry polls its index
    /// every minute, and caches may keep answers for ten
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<Duration>,
}

impl RegistryArgs {
    /// Returns the URL and the options; `None` without a registry.
    pub(in crate::cli) fn check(
        self,
    ) -> Result<Option<(BaseUrl, String, RegistryOptions)>, String> {
        let Some(url) = self.registry_url else {
            // clap does not enforce `requires` for a flag that conflicts with one that is given.
            let given = [
                ("--known-extra", !self.known_extra.is_empty()),
                ("--served-from", self.served_from.is_some()),
                ("--wait", self.wait.is_some()),
            ];
            return match given.into_iter().find(|(_, is_given)| *is_given) {
                Some((flag, _)) => Err(format!("{flag} requires --registry-url")),
                None => Ok(None),
            };
        };
        let base = url.parse().map_err(|error| format!("--registry-url: {error}"))?;
        let options = RegistryOptions {
            known_extras: self.known_extra.into_iter().collect(),
            served_from: self.served_from,
            wait: self.wait.unwrap_or_default(),
            pause: PAUSE,
        };
        Ok(Some((base, url, options)))
    }
}

fn parse_revision(text: &str) -> Result<RevisionId, String> {
    // The name of a package has no dash.
    let (name, version) = text.split_once('-').ok_or("expected <name>-<version>")?;
    let name: PackageName = name.parse().map_err(|error| format!("{error}"))?;
    let version: PackageVersion = version.parse().map_err(|error| format!("{error}"))?;
    RevisionId::new(name, version).map_err(|error| error.to_string())
}

fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "expected a number of seconds, minutes or hours, such as 90s, 11m or 1h";
    let unit = text.chars().next_back().ok_or(EXPECTED)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        _ => return Err(EXPECTED),
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EXPECTED);
    }
    let number: u64 = digits.parse().map_err(|_| EXPECTED)?;
    let seconds = number.checked_mul(factor).filter(|seconds| *seconds <= 24 * 60 * 60);
    seconds.map(Duration::from_secs).ok_or("at most 24h")
}

//! The number of revisions that Kibana cannot install, and the highest versions among them.

use std::collections::BTreeSet;
use std::fmt;

use super::Report;
use crate::model::finding::FindingKind;
use crate::report::text::numbered;

/// The maximum number of packages in the sentence.
const NAMED: usize = 10;

/// Revisions that Kibana cannot install, and that no decision covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInstallable {
    /// Number of revisions.
    pub revisions: u64,
    /// Number of packages of these revisions.
    pub packages: u64,
    /// The revisions that are the highest version of their package, as `<name>-<version>`, sorted.
    pub highest: BTreeSet<String>,
}

impl Report {
    /// Returns what Kibana cannot install; `None` if it can install everything.
    pub fn not_installable(&self) -> Option<NotInstallable> {
        let (mut revisions, mut packages) = (BTreeSet::new(), BTreeSet::new());
        let mut highest = BTreeSet::new();
        for finding in self.open() {
            let FindingKind::NotInstallable { highest: is_highest, .. } = finding.kind else {
                continue;
            };
            let (Some(package), Some(version)) = (&finding.package, &finding.version) else {
                continue;
            };
            revisions.insert((package, version));
            packages.insert(package);
            if is_highest {
                highest.insert(format!("{package}-{version}"));
            }
        }
        let [revisions, packages] = [revisions.len(), packages.len()].map(|count| count as u64);
        (revisions > 0).then_some(NotInstallable { revisions, packages, highest })
    }
}

impl fmt::Display for NotInstallable {
    /// Writes one sentence without its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotInstallable { revisions, packages, highest } = self;
        let revisions = numbered(*revisions, "revision", "revisions");
        let packages = numbered(*packages, "package", "packages");
        write!(f, "{revisions} of {packages} cannot be installed; ")?;
        match highest.len() as u64 {
            0 => f.write_str("none is the highest version of its package"),
            count => {
                let named: Vec<&str> = highest.iter().take(NAMED).map(String::as_str).collect();
                let one = "is the highest version of its package";
                let count = numbered(count, one, "are the highest versions of their packages");
                write!(f, "{count}: {}", named.join(", "))?;
                match highest.len() - named.len() {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}

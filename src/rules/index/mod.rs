//! A revision's entry in the search index of v2: `package_manifest`, as the registry derives it from a package.
//!
//! Pure: takes the facts of the manifests ([`Facts`](crate::rules::registry::Facts), parsed once for the rules and for
//! the entry) and the paths of all files, and returns the entry, and its line as Go's `encoding/json` writes it. Fields,
//! their order, defaults and conversions are those of package-registry 1.40.1 (`packages/package.go`, `datastream.go`)
//! and go-ucfg 0.9.1, compared with the registry's own loader. Not here: whether the registry loads the package
//! (`registry`), and the location and the cursor of an index (`v2/index`).
//!
//! | what | where |
//! |---|---|
//! | fields from a manifest's values | `unpack`, `json` |
//! | the fields | `package`, `policy_template`, `data_stream`, `stream`, `image` |
//! | what the manifests do not contain | `entry`, with `assets` and `ingestion` |
//! | the text | `line` |
//! | integers that a registry in storage mode changes | `inexact` |
//! | published entries: their revision and signature | `published` |
//! | the comparison of a published entry with the derived one | `merge`, `releases`, with `value` |

mod assets;
mod data_stream;
mod entry;
mod image;
mod inexact;
mod ingestion;
mod json;
mod line;
mod merge;
mod package;
mod policy_template;
mod published;
mod references;
mod releases;
mod stream;
mod unpack;
mod value;

pub use assets::listed_depth;
pub use data_stream::{DataStream, DataStreamElasticsearch, DataStreamPrivileges};
pub use entry::{EntryFault, RevisionFiles, check_loadable, entry};
pub use image::Image;
pub use inexact::{InexactInteger, inexact_integers};
pub use json::Json;
pub use line::line;
pub use merge::{Comparison, compare};
pub use package::{
    Agent, AgentPrivileges, ClusterPrivileges, Conditions, Discovery, ElasticConditions,
    Elasticsearch, Named, Owner, PackageManifest, Requirement, Requirements, Source,
    VersionCondition,
};
pub use policy_template::{AgentlessMode, DefaultMode, DeploymentModes, Input, PolicyTemplate};
pub use published::{EntryId, Identity, NoEntry, as_line, identify, with_signature};
pub use references::Reference;
pub use releases::as_written_by;
pub use stream::{Deprecated, ReplacedBy, Stream, Variable};
pub use unpack::{UnpackError, unpack};
pub use value::{is_same_number, shown};

/// Returns whether Go's `omitempty` omits a field with this value.
fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

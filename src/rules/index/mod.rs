//! What a revision's entry in v2's search index says: `package_manifest`, as the registry makes it of a package.
//!
//! Pure: what the manifests say ([`Facts`](crate::rules::registry::Facts), read once for the rules and for this) and
//! the paths of all files go in, the entry comes out, and its line as Go's `encoding/json` writes it. Fields, their
//! order, defaults and conversions are those of package-registry 1.40.1 (`packages/package.go`, `datastream.go`) and
//! go-ucfg 0.9.1; the judge is the registry's own loader. Not here: whether the registry would load the package
//! (`registry`), and where an index lies and how its cursor is named (`v2/index`).
//!
//! | what | where |
//! |---|---|
//! | a manifest's values become fields | `unpack`, `json` |
//! | the fields | `package`, `policy_template`, `data_stream`, `stream`, `image` |
//! | what does not stand in the manifests | `entry`, with `assets` and `ingestion` |
//! | the text | `line` |
//! | numbers that storage mode changes | `inexact` |

mod assets;
mod data_stream;
mod entry;
mod image;
mod inexact;
mod ingestion;
mod json;
mod line;
mod package;
mod policy_template;
mod stream;
mod unpack;

pub use assets::listed_depth;
pub use data_stream::{DataStream, DataStreamElasticsearch, DataStreamPrivileges};
pub use entry::{EntryFault, RevisionFiles, entry};
pub use image::Image;
pub use inexact::{InexactInteger, inexact_integers};
pub use json::Json;
pub use line::line;
pub use package::{
    Agent, AgentPrivileges, ClusterPrivileges, Conditions, Discovery, ElasticConditions,
    Elasticsearch, Named, Owner, PackageManifest, Requirement, Requirements, Source,
    VersionCondition,
};
pub use policy_template::{AgentlessMode, DefaultMode, DeploymentModes, Input, PolicyTemplate};
pub use stream::{Deprecated, ReplacedBy, Stream, Variable};
pub use unpack::{UnpackError, unpack};

/// Returns whether Go's `omitempty` omits a field with this value.
fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

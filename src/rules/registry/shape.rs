//! The types and required fields of manifests, and the check of a manifest against them.
//!
//! Taken from the structs in package-registry's `packages/package.go` and `datastream.go`, and from the conversions of
//! go-ucfg: scalars become text, a scalar is also a list of one item, lists and objects are interchangeable, and null is
//! equivalent to missing. The registry ignores fields that are not in the tables; a struct field without a tag is read
//! by its lower-case name, so that a manifest can set fields that are meant for internal use. Each field has the releases
//! that know it, taken from the tags of the repository. Pure.

use std::fmt;

use super::fault::{Faults, Rule};
use super::scalar::Reading;
use super::value::{ConfigEntry, Value};
use crate::model::registry_release::Releases;

/// The expected type of a value.
pub(super) enum Shape {
    Text,
    Bool,
    /// Any value.
    Any,
    /// An object with any values.
    Map,
    List(&'static Shape),
    Object(&'static [Fields]),
    /// An object that is only a step of the path of a field, such as `index_template.settings`. If there is a scalar
    /// instead, the field is missing.
    Step(&'static [Fields]),
}

/// Fields of an object with the same shape.
pub(super) struct Fields {
    names: &'static [&'static str],
    shape: Shape,
    /// The releases that know them.
    known: Releases,
    /// The releases that require them to be set and not empty.
    required: Option<Releases>,
}

impl Fields {
    /// Sets the first release that knows the fields to 1.`minor`.`patch`.
    const fn since(self, minor: u8, patch: u8) -> Self {
        Fields { known: Releases::since(minor, patch), ..self }
    }

    /// Sets the last release that knows the fields to 1.`minor`.`patch`.
    const fn until(self, minor: u8, patch: u8) -> Self {
        Fields { known: self.known.until(minor, patch), ..self }
    }

    /// Sets the releases that require the fields.
    const fn required_by(self, releases: Releases) -> Self {
        Fields { required: Some(releases), ..self }
    }
}

const fn fields(names: &'static [&'static str], shape: Shape) -> Fields {
    Fields { names, shape, known: Releases::ALL, required: None }
}

const fn required(names: &'static [&'static str]) -> Fields {
    text(names).required_by(Releases::ALL)
}

const fn text(names: &'static [&'static str]) -> Fields {
    fields(names, Shape::Text)
}

const fn texts(names: &'static [&'static str]) -> Fields {
    fields(names, Shape::List(&Shape::Text))
}

const fn list(names: &'static [&'static str], item: &'static Shape) -> Fields {
    fields(names, Shape::List(item))
}

const fn object(names: &'static [&'static str], own: &'static [Fields]) -> Fields {
    fields(names, Shape::Object(own))
}

const fn step(names: &'static [&'static str], own: &'static [Fields]) -> Fields {
    fields(names, Shape::Step(own))
}

const fn flag(names: &'static [&'static str]) -> Fields {
    fields(names, Shape::Bool)
}

/// A package's manifest.
pub(super) static PACKAGE: Shape = Shape::Object(&[
    text(&["name", "title", "version", "release"]),
    object(&["source"], &[text(&["license"])]).since(11, 0),
    text(&["description", "type", "download", "path"]),
    list(&["icons"], &IMAGE),
    text(&["policy_templates_behavior"]).since(26, 0),
    list(&["basepolicytemplates"], &BASE_POLICY_TEMPLATE),
    CONDITIONS,
    object(&["owner"], &[text(&["github"]), text(&["type"]).since(23, 0)]),
    texts(&["categories"]),
    text(&["signature_path"]),
    object(
        &["discovery"],
        &[
            list(&["fields"], &DISCOVERY_FIELD),
            list(&["datasets"], &DISCOVERY_DATASET).since(30, 0),
        ],
    )
    .since(25, 0),
    list(&["data_streams"], &BASE_DATA_STREAM).since(29, 0),
    list(&["data_streams"], &DATA_STREAM),
    DEPRECATED,
    object(&["requires"], &[list(&["input", "content"], &REQUIREMENT)]).since(37, 0),
    text(&["group"]).since(40, 0),
    text(&["format_version", "readme", "license", "basepath"]),
    list(&["screenshots"], &IMAGE),
    texts(&["assets"]),
    list(&["policy_templates"], &POLICY_TEMPLATE),
    list(&["vars"], &VARIABLE),
    object(&["elasticsearch"], &[object(&["privileges"], &[texts(&["cluster"])])]),
    AGENT,
]);

/// A data stream's manifest.
pub(super) static DATA_STREAM: Shape = Shape::Object(&[
    required(&["type"]),
    text(&["dataset"]),
    flag(&["hidden"]),
    text(&["ilm_policy"]),
    flag(&["dataset_is_prefix"]),
    required(&["title"]),
    text(&["release", "ingest_pipeline"]),
    list(&["streams"], &STREAM),
    text(&["package", "path", "basepath"]),
    ELASTICSEARCH,
    AGENT,
    DEPRECATED,
    text(&["ingestionmethod"]).since(32, 0).until(32, 0),
]);

const CONDITIONS: Fields = object(
    &["conditions"],
    &[
        object(&["kibana"], &[text(&["version"])]),
        object(&["elastic"], &[text(&["subscription"]), texts(&["capabilities"]).since(21, 0)])
            .since(11, 0),
        object(&["agent"], &[text(&["version"])]).since(33, 0),
    ],
);

const ELASTICSEARCH: Fields = object(
    &["elasticsearch"],
    &[
        step(&["index_template"], &[fields(&["settings", "mappings"], Shape::Map)]),
        step(&["ingest_pipeline"], &[text(&["name"])]),
        object(&["privileges"], &[texts(&["indices"])]),
    ],
);

const AGENT: Fields =
    object(&["agent"], &[object(&["privileges"], &[flag(&["root"])])]).since(23, 0);

static IMAGE: Shape =
    Shape::Object(&[required(&["src"]), text(&["path", "title", "size", "type"])]);

static DISCOVERY_FIELD: Shape =
    Shape::Object(&[text(&["name"]).required_by(Releases::since(30, 0))]);

static DISCOVERY_DATASET: Shape = Shape::Object(&[required(&["name"])]);

/// The second type of `data_streams`: the registry reads the same values into two structs.
static BASE_DATA_STREAM: Shape =
    Shape::Object(&[fields(&["dataset"], Shape::Any).required_by(Releases::ALL)]);

static REQUIREMENT: Shape = Shape::Object(&[required(&["package", "version"])]);

static BASE_POLICY_TEMPLATE: Shape = Shape::Object(&[
    required(&["name", "title", "description"]),
    list(&["icons"], &IMAGE),
    texts(&["categories"]),
    DEPLOYMENT_MODES,
    texts(&["data_streams"]).since(32, 0),
    DEPRECATED,
]);

static POLICY_TEMPLATE: Shape = Shape::Object(&[
    required(&["name", "title", "description"]),
    texts(&["data_streams"]),
    list(&["inputs"], &INPUT),
    flag(&["multiple"]),
    list(&["icons"], &IMAGE),
    texts(&["categories"]),
    list(&["screenshots"], &IMAGE),
    text(&["readme"]),
    DEPLOYMENT_MODES,
    text(&["type", "input", "template_path"]),
    text(&["ingestion_method"]).since(32, 1),
    DEPRECATED,
]);

const DEPLOYMENT_MODES: Fields = object(
    &["deployment_modes"],
    &[
        object(
            &["default"],
            &[flag(&["enabled"]), flag(&["is_default"]).since(27, 0).until(38, 0)],
        ),
        object(
            &["agentless"],
            &[
                flag(&["enabled"]),
                flag(&["is_default"]).since(27, 0),
                text(&["release"]).since(39, 0),
            ],
        ),
    ],
)
.since(26, 0);

static INPUT: Shape = Shape::Object(&[
    text(&["type"]).required_by(Releases::ALL.until(36, 0)),
    text(&["package"]).since(37, 0),
    list(&["vars"], &VARIABLE),
    text(&["title", "description"]),
    list(&["streams"], &STREAM),
    text(&["template_path", "input_group"]),
    texts(&["deployment_modes"]).since(30, 0),
    DEPRECATED,
]);

static STREAM: Shape = Shape::Object(&[
    text(&["input"]).required_by(Releases::ALL.until(36, 0)),
    text(&["package"]).since(37, 0),
    list(&["vars"], &VARIABLE),
    text(&["data_stream", "template_path", "title", "description"]),
    flag(&["enabled"]),
    text(&["ingestion_method"]).since(32, 0),
]);

static VARIABLE: Shape = Shape::Object(&[
    text(&["name", "type", "title", "description"]),
    flag(&["multi", "required", "show_user"]),
    fields(&["default"], Shape::Any),
    DEPRECATED,
]);

const DEPRECATED: Fields = object(
    &["deprecated"],
    &[
        text(&["since", "description"]),
        object(
            &["replaced_by"],
            &[text(&["package", "policy_template", "input", "data_stream", "variable"])],
        ),
    ],
)
.since(36, 0);

/// The path of the current value, such as `policy_templates[0].name`.
#[derive(Clone, Copy)]
enum Label<'a> {
    Top,
    Field(&'a Label<'a>, &'static str),
    Item(&'a Label<'a>, usize),
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Top => Ok(()),
            Label::Field(Label::Top, name) => f.write_str(name),
            Label::Field(above, name) => write!(f, "{above}.{name}"),
            Label::Item(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

/// Compares a manifest with its shape; `missing` is the rule for missing required fields.
pub(super) fn compare(manifest: &Value<'_>, shape: &Shape, missing: Rule, faults: &mut Faults) {
    Comparison { missing, faults, releases: Releases::ALL }.value(manifest, shape, Label::Top);
}

struct Comparison<'f> {
    missing: Rule,
    faults: &'f mut Faults,
    /// The releases that read the current value.
    releases: Releases,
}

impl Comparison<'_> {
    fn value(&mut self, value: &Value<'_>, shape: &Shape, label: Label<'_>) {
        match (shape, &value.data) {
            (Shape::Any, _) | (Shape::Map, ConfigEntry::List(_) | ConfigEntry::Object(_)) => {
                self.served(value, &label);
            }
            (Shape::Text, ConfigEntry::Scalar(_)) | (Shape::Step(_), ConfigEntry::Scalar(_)) => {}
            (Shape::Bool, ConfigEntry::Scalar(scalar)) => {
                let reading = Reading::of(*scalar);
                if !reading.is_bool() && reading != Reading::Null {
                    self.wrong_type(|| format!("{label} is not a bool"));
                }
            }
            (Shape::Text | Shape::Bool, ConfigEntry::List(_) | ConfigEntry::Object(_)) => {
                self.wrong_type(|| format!("{label} is not a scalar"));
            }
            (Shape::List(item), _) => {
                for (index, value) in value.items().iter().enumerate() {
                    self.value(value, item, Label::Item(&label, index));
                }
            }
            (Shape::Map | Shape::Object(_), ConfigEntry::Scalar(_)) if !value.is_null() => {
                self.wrong_type(|| match label {
                    Label::Top => "it is not an object".to_owned(),
                    _ => format!("{label} is not an object"),
                });
            }
            (Shape::Map, ConfigEntry::Scalar(_)) => {}
            (Shape::Object(fields), _) | (Shape::Step(fields), _) => {
                for fields in *fields {
                    fields.names.iter().for_each(|name| self.field(value, name, fields, &label));
                }
            }
        }
    }

    fn wrong_type(&mut self, detail: impl FnOnce() -> String) {
        self.faults.add_in(Rule::TYPES, self.releases, detail);
    }

    fn field(
        &mut self,
        object: &Value<'_>,
        name: &'static str,
        fields: &Fields,
        above: &Label<'_>,
    ) {
        let label = Label::Field(above, name);
        let outer = self.releases;
        self.releases = outer.and(fields.known);
        let value = object.field(name);
        if let Some(value) = value {
            self.value(value, &fields.shape, label);
        }
        let fault = match value {
            Some(value) if is_empty(value) => Some("empty"),
            Some(_) => None,
            None => Some("missing"),
        };
        if let (Some(fault), Some(required)) = (fault, fields.required) {
            // Newer releases accept a reference to a package instead of the field.
            let is_newer = required.until.is_some() && !object.text("package").is_empty();
            let newer =
                if is_newer { ": references to packages are supported since 1.37.0" } else { "" };
            self.faults.add_in(self.missing, self.releases.and(required), || {
                format!("{label} is {fault}{newer}")
            });
        }
        self.releases = outer;
    }

    /// Looks for values that JSON cannot represent in a value that is served unchanged.
    fn served(&mut self, value: &Value<'_>, label: &Label<'_>) {
        match &value.data {
            ConfigEntry::Scalar(scalar) => {
                if Reading::of(*scalar).is_beyond_json() {
                    self.faults.unservable.add(|| format!("{label} is {}", scalar.text));
                }
            }
            ConfigEntry::List(items) => items.iter().for_each(|item| self.served(item, label)),
            ConfigEntry::Object(object) => {
                object.names.values().for_each(|value| self.served(value, label));
                object.items.iter().for_each(|item| self.served(item, label));
            }
        }
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    value.reading().is_some_and(|reading| reading.text().is_some_and(str::is_empty))
}

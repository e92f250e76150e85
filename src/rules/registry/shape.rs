//! The types and the required fields of manifests, and the comparison of a manifest with them.
//!
//! From the structs of package-registry's `packages/package.go` and `datastream.go`, and from how
//! go-ucfg converts: scalars become texts, a scalar is a list of itself, lists and objects are alike,
//! null is as good as missing. Fields that stand in no table are ignored there. Pure.

use std::fmt;

use super::fault::{Faults, Rule};
use super::scalar::Reading;
use super::value::{ConfigEntry, Value};

/// What a value must be.
pub(super) enum Shape {
    Text,
    Bool,
    /// Anything at all.
    Any,
    /// An object of anything.
    Map,
    List(&'static Shape),
    Object(&'static [Fields]),
}

/// Fields of an object that are of one shape.
pub(super) struct Fields {
    names: &'static [&'static str],
    shape: Shape,
    /// Whether they must be there, and not be empty.
    are_required: bool,
}

const fn fields(names: &'static [&'static str], shape: Shape) -> Fields {
    Fields { names, shape, are_required: false }
}

const fn required(names: &'static [&'static str]) -> Fields {
    Fields { names, shape: Shape::Text, are_required: true }
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

const fn flag(names: &'static [&'static str]) -> Fields {
    fields(names, Shape::Bool)
}

/// A package's manifest.
pub(super) static PACKAGE: Shape = Shape::Object(&[
    text(&["name", "title", "version", "release"]),
    object(&["source"], &[text(&["license"])]),
    text(&["description", "type"]),
    list(&["icons"], &IMAGE),
    text(&["policy_templates_behavior"]),
    CONDITIONS,
    object(&["owner"], &[text(&["type", "github"])]),
    texts(&["categories"]),
    text(&["signature_path"]),
    object(&["discovery"], &[list(&["fields", "datasets"], &NAMED)]),
    list(&["data_streams"], &INDEXED_DATA_STREAM),
    DEPRECATED,
    object(&["requires"], &[list(&["input", "content"], &REQUIREMENT)]),
    text(&["group", "format_version", "readme", "license"]),
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
    ELASTICSEARCH,
    AGENT,
    DEPRECATED,
]);

const CONDITIONS: Fields = object(
    &["conditions"],
    &[
        object(&["kibana"], &[text(&["version"])]),
        object(&["elastic"], &[text(&["subscription"]), texts(&["capabilities"])]),
        object(&["agent"], &[text(&["version"])]),
    ],
);

const ELASTICSEARCH: Fields = object(
    &["elasticsearch"],
    &[
        object(&["index_template"], &[fields(&["settings", "mappings"], Shape::Map)]),
        object(&["ingest_pipeline"], &[text(&["name"])]),
        object(&["privileges"], &[texts(&["indices"])]),
    ],
);

const AGENT: Fields = object(&["agent"], &[object(&["privileges"], &[flag(&["root"])])]);

static IMAGE: Shape =
    Shape::Object(&[required(&["src"]), text(&["path", "title", "size", "type"])]);

static NAMED: Shape = Shape::Object(&[required(&["name"])]);

static INDEXED_DATA_STREAM: Shape =
    Shape::Object(&[text(&["type"]), required(&["dataset", "title"])]);

static REQUIREMENT: Shape = Shape::Object(&[required(&["package", "version"])]);

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
    text(&["type", "input", "ingestion_method", "template_path"]),
    DEPRECATED,
]);

const DEPLOYMENT_MODES: Fields = object(
    &["deployment_modes"],
    &[
        object(&["default"], &[flag(&["enabled"])]),
        object(&["agentless"], &[flag(&["enabled", "is_default"]), text(&["release"])]),
    ],
);

static INPUT: Shape = Shape::Object(&[
    text(&["type", "package"]),
    list(&["vars"], &VARIABLE),
    text(&["title", "description"]),
    list(&["streams"], &STREAM),
    text(&["template_path", "input_group"]),
    texts(&["deployment_modes"]),
    DEPRECATED,
]);

static STREAM: Shape = Shape::Object(&[
    text(&["input", "package"]),
    list(&["vars"], &VARIABLE),
    text(&["data_stream", "template_path", "title", "description"]),
    flag(&["enabled"]),
    text(&["ingestion_method"]),
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
);

/// Where the comparison is: `policy_templates[0].name`.
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

/// Compares a manifest with its shape; `missing` is the rule that demands the required fields.
pub(super) fn compare(manifest: &Value<'_>, shape: &Shape, missing: Rule, faults: &mut Faults) {
    Comparison { missing, faults }.value(manifest, shape, Label::Top);
}

struct Comparison<'f> {
    missing: Rule,
    faults: &'f mut Faults,
}

impl Comparison<'_> {
    fn value(&mut self, value: &Value<'_>, shape: &Shape, label: Label<'_>) {
        match (shape, &value.data) {
            (Shape::Any, _)
            | (Shape::Text, ConfigEntry::Scalar(_))
            | (Shape::Map, ConfigEntry::List(_) | ConfigEntry::Object(_)) => {}
            (Shape::Bool, ConfigEntry::Scalar(scalar)) => {
                let reading = Reading::of(*scalar);
                if !reading.is_bool() && reading != Reading::Null {
                    self.faults.add(Rule::TYPES, || format!("{label} is no bool"));
                }
            }
            (Shape::Text | Shape::Bool, ConfigEntry::List(_) | ConfigEntry::Object(_)) => {
                self.faults.add(Rule::TYPES, || format!("{label} is no scalar"));
            }
            (Shape::List(item), _) => {
                for (index, value) in value.items().iter().enumerate() {
                    self.value(value, item, Label::Item(&label, index));
                }
            }
            (Shape::Map | Shape::Object(_), ConfigEntry::Scalar(_)) if !value.is_null() => {
                self.faults.add(Rule::TYPES, || match label {
                    Label::Top => "it is no object".to_owned(),
                    _ => format!("{label} is no object"),
                });
            }
            (Shape::Map, ConfigEntry::Scalar(_)) => {}
            (Shape::Object(fields), _) => {
                for fields in *fields {
                    fields.names.iter().for_each(|name| self.field(value, name, fields, &label));
                }
            }
        }
    }

    fn field(
        &mut self,
        object: &Value<'_>,
        name: &'static str,
        fields: &Fields,
        above: &Label<'_>,
    ) {
        let label = Label::Field(above, name);
        match object.field(name) {
            Some(value) => {
                self.value(value, &fields.shape, label);
                if fields.are_required && is_empty(value) {
                    self.faults.add(self.missing, || format!("{label} is empty"));
                }
            }
            None if fields.are_required => {
                self.faults.add(self.missing, || format!("{label} is missing"));
            }
            None => {}
        }
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    value.reading().is_some_and(|reading| reading.text().is_some_and(str::is_empty))
}

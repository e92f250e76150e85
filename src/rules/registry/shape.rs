//! The types and the required fields of manifests, and the comparison of a manifest with them.
//!
//! From the structs of package-registry's `packages/package.go` and `datastream.go`, and from how
//! go-ucfg converts: scalars become texts, a scalar is a list of itself, lists and objects are alike,
//! null is as good as missing. Fields that stand in no table are ignored there. Pure.

use std::fmt;

use super::config::{Entry, Value};
use super::fault::{Faults, Rule};
use super::scalar::Reading;

/// What a value must be.
pub(super) enum Shape {
    Text,
    Bool,
    /// Anything at all.
    Any,
    /// An object of anything.
    Map,
    List(&'static Shape),
    Object(&'static [Field]),
}

/// A field of an object.
pub(super) struct Field {
    name: &'static str,
    shape: Shape,
    /// Whether it must be there, and not be empty.
    is_required: bool,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_required: false }
}

const fn required(name: &'static str) -> Field {
    Field { name, shape: Shape::Text, is_required: true }
}

const fn text(name: &'static str) -> Field {
    field(name, Shape::Text)
}

const fn texts(name: &'static str) -> Field {
    field(name, Shape::List(&Shape::Text))
}

const fn list(name: &'static str, item: &'static Shape) -> Field {
    field(name, Shape::List(item))
}

const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Shape::Object(fields))
}

const fn flag(name: &'static str) -> Field {
    field(name, Shape::Bool)
}

/// A package's manifest.
pub(super) static PACKAGE: Shape = Shape::Object(&[
    text("name"),
    text("title"),
    text("version"),
    text("release"),
    object("source", &[text("license")]),
    text("description"),
    text("type"),
    list("icons", &IMAGE),
    text("policy_templates_behavior"),
    object(
        "conditions",
        &[
            object("kibana", &[text("version")]),
            object("elastic", &[text("subscription"), texts("capabilities")]),
            object("agent", &[text("version")]),
        ],
    ),
    object("owner", &[text("type"), text("github")]),
    texts("categories"),
    text("signature_path"),
    object("discovery", &[list("fields", &NAMED), list("datasets", &NAMED)]),
    list("data_streams", &Shape::Object(&[text("type"), required("dataset"), required("title")])),
    DEPRECATED,
    object("requires", &[list("input", &REQUIREMENT), list("content", &REQUIREMENT)]),
    text("group"),
    text("format_version"),
    text("readme"),
    text("license"),
    list("screenshots", &IMAGE),
    texts("assets"),
    list("policy_templates", &POLICY_TEMPLATE),
    list("vars", &VARIABLE),
    object("elasticsearch", &[object("privileges", &[texts("cluster")])]),
    object("agent", &[object("privileges", &[flag("root")])]),
]);

/// A data stream's manifest.
pub(super) static DATA_STREAM: Shape = Shape::Object(&[
    required("type"),
    text("dataset"),
    flag("hidden"),
    text("ilm_policy"),
    flag("dataset_is_prefix"),
    required("title"),
    text("release"),
    text("ingest_pipeline"),
    list("streams", &STREAM),
    object(
        "elasticsearch",
        &[
            object(
                "index_template",
                &[field("settings", Shape::Map), field("mappings", Shape::Map)],
            ),
            object("ingest_pipeline", &[text("name")]),
            object("privileges", &[texts("indices")]),
        ],
    ),
    object("agent", &[object("privileges", &[flag("root")])]),
    DEPRECATED,
]);

static IMAGE: Shape =
    Shape::Object(&[required("src"), text("path"), text("title"), text("size"), text("type")]);

static NAMED: Shape = Shape::Object(&[required("name")]);

static REQUIREMENT: Shape = Shape::Object(&[required("package"), required("version")]);

static POLICY_TEMPLATE: Shape = Shape::Object(&[
    required("name"),
    required("title"),
    required("description"),
    texts("data_streams"),
    list("inputs", &INPUT),
    flag("multiple"),
    list("icons", &IMAGE),
    texts("categories"),
    list("screenshots", &IMAGE),
    text("readme"),
    object(
        "deployment_modes",
        &[
            object("default", &[flag("enabled")]),
            object("agentless", &[flag("enabled"), flag("is_default"), text("release")]),
        ],
    ),
    text("type"),
    text("input"),
    text("ingestion_method"),
    text("template_path"),
    DEPRECATED,
]);

static INPUT: Shape = Shape::Object(&[
    text("type"),
    text("package"),
    list("vars", &VARIABLE),
    text("title"),
    text("description"),
    list("streams", &STREAM),
    text("template_path"),
    text("input_group"),
    texts("deployment_modes"),
    DEPRECATED,
]);

static STREAM: Shape = Shape::Object(&[
    text("input"),
    text("package"),
    list("vars", &VARIABLE),
    text("data_stream"),
    text("template_path"),
    text("title"),
    text("description"),
    flag("enabled"),
    text("ingestion_method"),
]);

static VARIABLE: Shape = Shape::Object(&[
    text("name"),
    text("type"),
    text("title"),
    text("description"),
    flag("multi"),
    flag("required"),
    flag("show_user"),
    field("default", Shape::Any),
    DEPRECATED,
]);

const DEPRECATED: Field = object(
    "deprecated",
    &[
        text("since"),
        text("description"),
        object(
            "replaced_by",
            &[
                text("package"),
                text("policy_template"),
                text("input"),
                text("data_stream"),
                text("variable"),
            ],
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
            | (Shape::Text, Entry::Scalar(_))
            | (Shape::Map, Entry::List(_) | Entry::Object(_)) => {}
            (Shape::Bool, Entry::Scalar(scalar)) => {
                let reading = Reading::of(*scalar);
                if !reading.is_bool() && reading != Reading::Null {
                    self.faults.add(Rule::TYPES, || format!("{label} is no bool"));
                }
            }
            (Shape::Text | Shape::Bool, Entry::List(_) | Entry::Object(_)) => {
                self.faults.add(Rule::TYPES, || format!("{label} is no scalar"));
            }
            (Shape::List(item), _) => {
                for (index, value) in value.items().iter().enumerate() {
                    self.value(value, item, Label::Item(&label, index));
                }
            }
            (Shape::Map | Shape::Object(_), Entry::Scalar(_)) if !value.is_null() => {
                self.faults.add(Rule::TYPES, || match label {
                    Label::Top => "it is no object".to_owned(),
                    _ => format!("{label} is no object"),
                });
            }
            (Shape::Map, Entry::Scalar(_)) => {}
            (Shape::Object(fields), _) => {
                for field in *fields {
                    self.field(value, field, &label);
                }
            }
        }
    }

    fn field(&mut self, object: &Value<'_>, field: &Field, above: &Label<'_>) {
        let label = Label::Field(above, field.name);
        match object.field(field.name) {
            Some(value) => {
                self.value(value, &field.shape, label);
                if field.is_required && is_empty(value) {
                    self.faults.add(self.missing, || format!("{label} is empty"));
                }
            }
            None if field.is_required => {
                self.faults.add(self.missing, || format!("{label} is missing"));
            }
            None => {}
        }
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    value.reading().is_some_and(|reading| reading.text().is_some_and(str::is_empty))
}

//! Ingestion methods: the registry's table from inputs to methods (since 1.32).

/// The table of package-registry 1.40.1 (`internal/ingestionmethod`), `<input>: <method>` a line.
const METHODS: &str = include_str!("ingestion_methods.txt");

/// Returns the method of an input; `None` for an input that the registry does not know.
pub(super) fn method_of(input: &str) -> Option<&'static str> {
    METHODS
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| *known == input)
        .map(|(_, method)| method)
}

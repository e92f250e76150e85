//! A bar that shows how a whole divides into parts. The template is `templates/bar.html`.

use crate::report::text::grouped;

/// A part of a bar of length 100.
pub(in crate::report) struct Part {
    /// The class of its colour.
    pub(in crate::report) class: &'static str,
    pub(in crate::report) label: &'static str,
    pub(in crate::report) count: String,
    pub(in crate::report) x: String,
    pub(in crate::report) width: String,
}

/// Divides a bar by counts, each with its class and label; parts without any are left out.
pub(in crate::report) fn bar(parts: &[(&'static str, &'static str, u64)]) -> Vec<Part> {
    let total: u64 = parts.iter().map(|(.., count)| count).sum();
    let mut x = 0.0;
    let there = parts.iter().filter(|(.., count)| *count > 0);
    let part = |(class, label, count): &(&'static str, &'static str, u64)| {
        let width = 100.0 * *count as f64 / total as f64;
        let at = format!("{x:.3}");
        x += width;
        Part { class, label, count: grouped(*count), x: at, width: format!("{width:.3}") }
    };
    there.map(part).collect()
}

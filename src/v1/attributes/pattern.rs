//! Patterns of attribute files, and the paths that they match.
//!
//! Matches like Git, including case (`path_matches` in its `attr.c`, `match_pathname` in `dir.c`,
//! `wildmatch.c`). A pattern is a list of steps that are simulated in parallel, so the time is bounded by
//! the length of the pattern times the length of the path.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The literal prefix: the part before the first special character.
    literal: Vec<u8>,
    steps: Vec<Step>,
    /// A pattern without a slash is compared with the path's last component only.
    matches_name_only: bool,
}

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Byte(u8),
    /// Any byte except a slash.
    Any,
    /// A byte of this set, except a slash.
    OneOf(Box<[bool; 256]>),
    /// Any number of bytes except slashes.
    Star,
    /// Any number of bytes.
    DoubleStar,
    /// Consumes nothing; the two steps that follow may be skipped together.
    MaySkipTwo,
    /// Never matches: Git gives up on a pattern that is malformed here.
    Never,
}

impl Pattern {
    /// Parses a pattern that is not empty and does not start with `!`.
    pub(super) fn parse(text: &[u8]) -> Self {
        // A pattern with a trailing slash matches only folders, and folders have no content attributes.
        if text.ends_with(b"/") {
            return Pattern {
                literal: Vec::new(),
                steps: vec![Step::Never],
                matches_name_only: false,
            };
        }
        if !text.contains(&b'/') {
            return Pattern { literal: Vec::new(), steps: steps(text), matches_name_only: true };
        }
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let (literal, rest) = text.split_at(text.iter().position(is_special).unwrap_or(text.len()));
        Pattern { literal: literal.to_vec(), steps: steps(rest), matches_name_only: false }
    }

    /// Returns whether the pattern matches a path that is relative to the attribute file's folder.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        if self.matches_name_only {
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
            return matches_steps(&self.steps, name);
        }
        let rest = path.strip_prefix(self.literal.as_slice());
        rest.is_some_and(|rest| matches_steps(&self.steps, rest))
    }
}

fn steps(text: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'?' => steps.push(Step::Any),
            b'*' => {
                let start = at - 1;
                while text.get(at) == Some(&b'*') {
                    at += 1;
                }
                let begins = start == 0 || text[start - 1] == b'/';
                let rest = &text[at..];
                let ends = rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/");
                match at - start > 1 && begins && ends {
                    // Followed by a slash, it also matches no folder at all.
                    true if rest.starts_with(b"/") => {
                        steps.extend([Step::MaySkipTwo, Step::DoubleStar]);
                    }
                    true => steps.push(Step::DoubleStar),
                    false => steps.push(Step::Star),
                }
            }
            b'[' => match set(&text[at..]) {
                Some((set, len)) => {
                    steps.push(Step::OneOf(Box::new(set)));
                    at += len;
                }
                None => return [steps, vec![Step::Never]].concat(),
            },
            b'\\' => {
                steps.push(text.get(at).map_or(Step::Never, |escaped| Step::Byte(*escaped)));
                at += 1;
            }
            byte => steps.push(Step::Byte(*byte)),
        }
    }
    steps
}

/// Parses a set after its `[`: its bytes, and its length including the `]`. Returns `None` when malformed.
fn set(text: &[u8]) -> Option<([bool; 256], usize)> {
    let mut set = [false; 256];
    let is_negated = matches!(text.first(), Some(b'!' | b'^'));
    let first = usize::from(is_negated);
    let mut at = first;
    // The previous byte, which may start a range.
    let mut before = None;
    // A leading `]` is a literal.
    while text.get(at) != Some(&b']') || at == first {
        let byte = *text.get(at)?;
        at += 1;
        let next = text.get(at).copied();
        match byte {
            b'\\' => {
                let escaped = next?;
                set[usize::from(escaped)] = true;
                before = Some(escaped);
                at += 1;
            }
            b'-' if before.is_some() && next.is_some_and(|next| next != b']') => {
                let mut last = next?;
                at += 1;
                if last == b'\\' {
                    last = *text.get(at)?;
                    at += 1;
                }
                for byte in before?..=last {
                    set[usize::from(byte)] = true;
                }
                before = None;
            }
            b'[' if next == Some(b':') => {
                let name_at = at + 1;
                let len = text.get(name_at..)?.iter().position(|byte| *byte == b']')?;
                match text[name_at..name_at + len].strip_suffix(b":") {
                    Some(name) => {
                        let class = class(name)?;
                        (0..=u8::MAX).for_each(|byte| set[usize::from(byte)] |= class(byte));
                        at = name_at + len + 1;
                        before = None;
                    }
                    None => {
                        set[usize::from(byte)] = true;
                        before = Some(byte);
                    }
                }
            }
            byte => {
                set[usize::from(byte)] = true;
                before = Some(byte);
            }
        }
    }
    if is_negated {
        set.iter_mut().for_each(|is_in| *is_in = !*is_in);
    }
    set[usize::from(b'/')] = false;
    Some((set, at + 1))
}

/// The POSIX character classes, which Git limits to ASCII.
fn class(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

/// Returns whether the steps match the whole text.
fn matches_steps(steps: &[Step], text: &[u8]) -> bool {
    // The steps that may consume the next byte.
    let mut current = vec![false; steps.len() + 1];
    activate(steps, &mut current, 0);
    for byte in text {
        let mut next = vec![false; steps.len() + 1];
        for (at, step) in steps.iter().enumerate().filter(|(at, _)| current[*at]) {
            let (stays, advances) = match step {
                Step::Byte(wanted) => (false, byte == wanted),
                Step::Any => (false, *byte != b'/'),
                Step::OneOf(set) => (false, set[usize::from(*byte)]),
                Step::Star => (*byte != b'/', false),
                Step::DoubleStar => (true, false),
                Step::MaySkipTwo | Step::Never => (false, false),
            };
            if stays {
                activate(steps, &mut next, at);
            }
            if advances {
                activate(steps, &mut next, at + 1);
            }
        }
        current = next;
    }
    current[steps.len()]
}

/// Marks a step as active, and the steps after it that are reachable without consuming a byte.
fn activate(steps: &[Step], active: &mut [bool], at: usize) {
    if std::mem::replace(&mut active[at], true) {
        return;
    }
    match steps.get(at) {
        Some(Step::Star | Step::DoubleStar) => activate(steps, active, at + 1),
        Some(Step::MaySkipTwo) => {
            activate(steps, active, at + 1);
            activate(steps, active, at + 3);
        }
        Some(Step::Byte(_) | Step::Any | Step::OneOf(_) | Step::Never) | None => {}
    }
}

//! Patterns of attribute files: which paths they match.
//!
//! As Git matches them (`path_matches` in its `attr.c`, `match_pathname` in `dir.c`, `wildmatch.c`), case
//! included. A pattern is a list of steps that are followed side by side, so that no pattern takes longer
//! than its length times that of the path.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What the path begins with: the part before the first special character.
    literal: Vec<u8>,
    steps: Vec<Step>,
    /// Without a slash, only a path's last component is compared.
    is_of_name: bool,
}

/// What a part of a path may be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Byte(u8),
    /// Any byte but a slash.
    Any,
    /// A byte of this set, but a slash.
    OneOf(Box<[bool; 256]>),
    /// Any number of bytes but slashes.
    Star,
    /// Any number of bytes.
    DoubleStar,
    /// Nothing; the two steps that follow may be left out together.
    MayLeaveOutTwo,
    /// Nothing: Git gives up on a pattern that is malformed here.
    Never,
}

impl Pattern {
    /// Parses a pattern that is neither empty nor begins with `!`.
    pub(super) fn parse(text: &[u8]) -> Self {
        // Only folders fit a pattern that ends in a slash, and folders have no attributes of content.
        if text.ends_with(b"/") {
            return Pattern { literal: Vec::new(), steps: vec![Step::Never], is_of_name: false };
        }
        if !text.contains(&b'/') {
            return Pattern { literal: Vec::new(), steps: steps(text), is_of_name: true };
        }
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let (literal, rest) = text.split_at(text.iter().position(is_special).unwrap_or(text.len()));
        Pattern { literal: literal.to_vec(), steps: steps(rest), is_of_name: false }
    }

    /// Tells whether a path matches that is relative to the folder of the attribute file.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        if self.is_of_name {
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
            return follow(&self.steps, name);
        }
        path.strip_prefix(self.literal.as_slice()).is_some_and(|rest| follow(&self.steps, rest))
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
                    // With the slash behind it, it stands for no folder at all as well.
                    true if rest.starts_with(b"/") => {
                        steps.extend([Step::MayLeaveOutTwo, Step::DoubleStar]);
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

/// Parses a set after its `[`: its bytes, and its length with the `]`; none when it is malformed.
fn set(text: &[u8]) -> Option<([bool; 256], usize)> {
    let mut set = [false; 256];
    let is_negated = matches!(text.first(), Some(b'!' | b'^'));
    let first = usize::from(is_negated);
    let mut at = first;
    // The byte before, as the beginning of a range.
    let mut before = None;
    // A `]` that comes first stands for itself.
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

/// The classes of POSIX, which in Git are of ASCII.
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

/// Tells whether a text takes the steps from the first to the end.
fn follow(steps: &[Step], text: &[u8]) -> bool {
    // Which steps may come next.
    let mut here = vec![false; steps.len() + 1];
    reach(steps, &mut here, 0);
    for byte in text {
        let mut there = vec![false; steps.len() + 1];
        for (at, step) in steps.iter().enumerate().filter(|(at, _)| here[*at]) {
            let (stays, goes_on) = match step {
                Step::Byte(wanted) => (false, byte == wanted),
                Step::Any => (false, *byte != b'/'),
                Step::OneOf(set) => (false, set[usize::from(*byte)]),
                Step::Star => (*byte != b'/', false),
                Step::DoubleStar => (true, false),
                Step::MayLeaveOutTwo | Step::Never => (false, false),
            };
            if stays {
                reach(steps, &mut there, at);
            }
            if goes_on {
                reach(steps, &mut there, at + 1);
            }
        }
        here = there;
    }
    here[steps.len()]
}

/// Marks a step as next, and those that come next when it takes nothing.
fn reach(steps: &[Step], next: &mut [bool], at: usize) {
    if std::mem::replace(&mut next[at], true) {
        return;
    }
    match steps.get(at) {
        Some(Step::Star | Step::DoubleStar) => reach(steps, next, at + 1),
        Some(Step::MayLeaveOutTwo) => {
            reach(steps, next, at + 1);
            reach(steps, next, at + 3);
        }
        Some(Step::Byte(_) | Step::Any | Step::OneOf(_) | Step::Never) | None => {}
    }
}

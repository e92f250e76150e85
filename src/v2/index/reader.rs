//! Reads an index as a stream: the text of each entry, with its position, never the whole file.
//!
//! Reads what package-registry 1.40.1 reads (`internal/storage/index.go`): members with scalar values before the list
//! `packages`, and anything after it. Where the registry would silently see no packages, or those of a second list, the
//! index is refused here: a copy of it would lose entries. The entries are not parsed.

use std::io;

use crate::digest::{Crc32c, Md5, ObjectDigests, ObjectHasher, Sha256};
use crate::read_at::ReadAt;

/// The maximum length of one entry in bytes.
const MAX_ENTRY_LEN: usize = 64 << 20;
/// Number of bytes that are read at once.
const PIECE_LEN: usize = 256 << 10;
/// The maximum length of a string outside the list, in bytes.
const MAX_STRING_LEN: usize = 1 << 20;
/// The name of the list of entries.
const LIST_NAME: &str = "packages";

/// Why a text is not an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexFault {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It ends too early.
    #[error("it ends inside the list of packages, after {0} entries")]
    Truncated(u64),
    /// It has another structure.
    #[error("at byte {offset}: {detail}")]
    Structure {
        /// The offset of the fault.
        offset: u64,
        /// What is wrong.
        detail: &'static str,
    },
}

/// Receives the offset and the text of an entry.
pub type Visit<'v, E> = dyn FnMut(u64, &[u8]) -> Result<(), E> + 'v;

/// The length and digests of an index that was read completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadIndex {
    /// Number of entries.
    pub entry_count: u64,
    /// Number of bytes.
    pub size: u64,
    /// SHA-256 of all bytes.
    pub sha256: Sha256,
    /// MD5 of all bytes.
    pub md5: Md5,
    /// CRC-32C of all bytes.
    pub crc32c: Crc32c,
}

/// Calls `visit` for each entry with its offset and its text, which is an object as far as its brackets show.
///
/// # Errors
/// [`IndexFault`] as a value of `E`, and the errors of `visit`.
pub fn read_index<E: From<IndexFault>>(
    source: &(impl ReadAt + ?Sized),
    visit: &mut Visit<'_, E>,
) -> Result<ReadIndex, E> {
    let mut text = Text::of(source);
    text.find_list()?;
    let entry_count = text.entries(visit)?;
    text.rest()?;
    let ObjectDigests { size, sha256, md5, crc32c } = text.hasher.finish();
    Ok(ReadIndex { entry_count, size, sha256, md5, crc32c })
}

/// The bytes of an index, read one after the other.
struct Text<'s, S: ?Sized> {
    source: &'s S,
    piece: Vec<u8>,
    /// The index of the next byte in the piece.
    next: usize,
    /// The offset of the piece's end.
    end: u64,
    hasher: ObjectHasher,
}

impl<'s, S: ReadAt + ?Sized> Text<'s, S> {
    fn of(source: &'s S) -> Self {
        Text { source, piece: Vec::new(), next: 0, end: 0, hasher: ObjectHasher::default() }
    }

    fn offset(&self) -> u64 {
        self.end - (self.piece.len() - self.next) as u64
    }

    fn fault(&self, detail: &'static str) -> IndexFault {
        IndexFault::Structure { offset: self.offset(), detail }
    }

    /// Returns the next byte without consuming it; `None` at the end.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.next == self.piece.len() {
            let left = self.source.len().saturating_sub(self.end);
            let len = usize::try_from(left).unwrap_or(PIECE_LEN).min(PIECE_LEN);
            self.piece.resize(len, 0);
            self.source.read_exact_at(&mut self.piece, self.end)?;
            self.hasher.update(&self.piece);
            (self.next, self.end) = (0, self.end + len as u64);
        }
        Ok(self.piece.get(self.next).copied())
    }

    fn skip_one(&mut self) {
        self.next += 1;
    }

    /// Skips white space, and returns the next byte without consuming it.
    fn peek_token(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.skip_one(),
                other => return Ok(other),
            }
        }
    }

    /// Consumes the start of the list, and everything before it.
    fn find_list(&mut self) -> Result<(), IndexFault> {
        const NO_LIST: &str = "expected an object with the list `packages`";
        if self.peek_token()? != Some(b'{') {
            return Err(self.fault(NO_LIST));
        }
        self.skip_one();
        loop {
            if self.peek_token()? != Some(b'"') {
                return Err(self.fault(NO_LIST));
            }
            let name = self.string()?;
            if self.peek_token()? != Some(b':') {
                return Err(self.fault("expected a colon"));
            }
            self.skip_one();
            let value = self.peek_token()?;
            if name == LIST_NAME {
                if value != Some(b'[') {
                    return Err(self.fault("`packages` is not a list"));
                }
                self.skip_one();
                return Ok(());
            }
            match value {
                Some(b'{' | b'[') => {
                    let detail = "a list or an object before `packages`, where the registry stops";
                    return Err(self.fault(detail));
                }
                Some(b'"') if self.string()? == LIST_NAME => {
                    return Err(self.fault("the text `packages` before the list"));
                }
                Some(b'"') => {}
                _ => self.skip_literal()?,
            }
            match self.peek_token()? {
                Some(b',') => self.skip_one(),
                _ => return Err(self.fault(NO_LIST)),
            }
        }
    }

    /// Consumes a number or a literal.
    fn skip_literal(&mut self) -> Result<(), IndexFault> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        if !self.peek()?.is_some_and(is_part) {
            return Err(self.fault("expected a value"));
        }
        while self.peek()?.is_some_and(is_part) {
            self.skip_one();
        }
        Ok(())
    }

    /// Consumes a string, and returns it.
    fn string(&mut self) -> Result<String, IndexFault> {
        let (mut raw, mut is_escape) = (Vec::new(), false);
        loop {
            let Some(byte) = self.peek()? else { return Err(self.fault("a string has no end")) };
            let is_escaped = is_escape;
            is_escape = byte == b'\\' && !is_escaped;
            raw.push(byte);
            self.skip_one();
            match byte {
                b'"' if raw.len() > 1 && !is_escaped => break,
                _ if raw.len() > MAX_STRING_LEN => return Err(self.fault("a string is too long")),
                _ => {}
            }
        }
        serde_json::from_slice(&raw).map_err(|_| self.fault("expected a string before here"))
    }

    /// Consumes the entries and the end of the list.
    fn entries<E: From<IndexFault>>(&mut self, visit: &mut Visit<'_, E>) -> Result<u64, E> {
        let mut entry_count = 0;
        let mut entry = Vec::new();
        if self.peek_token().map_err(IndexFault::from)? == Some(b']') {
            self.skip_one();
            return Ok(0);
        }
        loop {
            match self.peek_token().map_err(IndexFault::from)? {
                Some(b'{') => {}
                Some(_) => return Err(self.fault("an entry is not an object").into()),
                None => return Err(IndexFault::Truncated(entry_count).into()),
            }
            let offset = self.offset();
            if !self.object(&mut entry)? {
                return Err(IndexFault::Truncated(entry_count).into());
            }
            visit(offset, &entry)?;
            entry_count += 1;
            match self.peek_token().map_err(IndexFault::from)? {
                Some(b',') => self.skip_one(),
                Some(b']') => {
                    self.skip_one();
                    return Ok(entry_count);
                }
                Some(_) => {
                    return Err(self.fault("expected a comma or the end of the list").into());
                }
                None => return Err(IndexFault::Truncated(entry_count).into()),
            }
        }
    }

    /// Consumes an object into `into`; returns false if it has no end.
    fn object(&mut self, into: &mut Vec<u8>) -> Result<bool, IndexFault> {
        into.clear();
        let (mut depth, mut is_in_string, mut is_escaped) = (0_usize, false, false);
        loop {
            if self.peek()?.is_none() {
                return Ok(false);
            }
            let start = self.next;
            let mut is_complete = false;
            for byte in &self.piece[start..] {
                self.next += 1;
                match (is_in_string, byte) {
                    (true, _) if is_escaped => is_escaped = false,
                    (true, b'\\') => is_escaped = true,
                    (_, b'"') => is_in_string = !is_in_string,
                    (false, b'{' | b'[') => depth += 1,
                    (false, b'}' | b']') => {
                        depth -= 1;
                        is_complete = depth == 0;
                    }
                    _ => {}
                }
                if is_complete {
                    break;
                }
            }
            into.extend_from_slice(&self.piece[start..self.next]);
            if is_complete {
                return Ok(true);
            }
            if into.len() > MAX_ENTRY_LEN {
                return Err(self.fault("an entry is too long"));
            }
        }
    }

    /// Consumes the rest. The registry reads it until the end of the first list or object in it, so another list of
    /// packages might be there.
    fn rest(&mut self) -> Result<(), IndexFault> {
        let mut depth = 1_usize;
        while let Some(byte) = self.peek_token()? {
            match byte {
                _ if depth == 0 => return Err(self.fault("more text after the index")),
                b'"' => {
                    if self.string()? == LIST_NAME {
                        return Err(self.fault("`packages` appears twice"));
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.skip_one();
        }
        Ok(())
    }
}

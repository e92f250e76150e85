//! Simple keys: positions where a key may have started, which only the `:` after it confirms.
//!
//! There is at most one such position per flow level, and one in the surrounding block. A key must end on its
//! line, within [`MAX_KEY_LEN`] characters. Uses only the numbers of tokens, not the tokens themselves.

use std::collections::VecDeque;

use super::YamlError;
use super::cursor::Position;

/// Maximum distance of a key's `:` from its start, in characters.
const MAX_KEY_LEN: usize = 1024;

/// A position where a key may have started.
#[derive(Clone, Copy, Default)]
pub(super) struct SimpleKey {
    pub(super) is_possible: bool,
    /// Whether only a key is valid there.
    pub(super) is_required: bool,
    pub(super) token_number: usize,
    pub(super) mark: Position,
}

/// The simple keys of all levels.
pub(super) struct SimpleKeys {
    /// One for each flow level, and one for the block.
    levels: Vec<SimpleKey>,
    /// Numbers of tokens that may start a key, in order, and the levels of these keys.
    candidates: VecDeque<(usize, usize)>,
}

impl SimpleKeys {
    pub(super) fn new() -> Self {
        SimpleKeys { levels: vec![SimpleKey::default()], candidates: VecDeque::new() }
    }

    /// Returns whether the token with this number, the first one not taken yet, may start a key at `mark`.
    ///
    /// # Errors
    /// A required key without `:`.
    pub(super) fn may_start_at(
        &mut self,
        token_number: usize,
        mark: Position,
        is_ended: bool,
    ) -> Result<bool, YamlError> {
        while self.candidates.front().is_some_and(|(number, _)| *number < token_number) {
            self.candidates.pop_front();
        }
        match self.candidates.front() {
            Some((number, level)) if *number == token_number => {
                self.is_valid(*level, mark, is_ended)
            }
            _ => Ok(false),
        }
    }

    /// Returns whether the innermost level's key may still end at `mark`.
    ///
    /// # Errors
    /// A required key without `:`.
    pub(super) fn is_innermost_valid(
        &mut self,
        mark: Position,
        is_ended: bool,
    ) -> Result<bool, YamlError> {
        self.is_valid(self.levels.len() - 1, mark, is_ended)
    }

    fn is_valid(
        &mut self,
        level: usize,
        mark: Position,
        is_ended: bool,
    ) -> Result<bool, YamlError> {
        match self.levels.get_mut(level) {
            Some(key) if key.is_possible => {
                let is_stale = is_ended
                    || key.mark.line < mark.line
                    || key.mark.index + MAX_KEY_LEN < mark.index;
                if is_stale && key.is_required {
                    return Err(unfinished(key.mark));
                }
                key.is_possible = !is_stale;
                Ok(key.is_possible)
            }
            _ => Ok(false),
        }
    }

    /// Replaces the innermost level's key.
    ///
    /// # Errors
    /// The previous key is required and has no `:`.
    pub(super) fn save(&mut self, key: SimpleKey) -> Result<(), YamlError> {
        self.remove()?;
        self.candidates.push_back((key.token_number, self.levels.len() - 1));
        *self.innermost() = key;
        Ok(())
    }

    /// Drops the innermost level's key: no key has started there.
    ///
    /// # Errors
    /// It is required and has no `:`.
    pub(super) fn remove(&mut self) -> Result<(), YamlError> {
        let key = *self.innermost();
        if key.is_possible {
            if key.is_required {
                return Err(unfinished(key.mark));
            }
            self.take();
        }
        Ok(())
    }

    /// Takes the innermost level's key, whose `:` has been found.
    pub(super) fn take(&mut self) -> SimpleKey {
        let key = self.innermost();
        key.is_possible = false;
        let key = *key;
        self.forget(key.token_number);
        key
    }

    /// Enters a flow collection that starts with the token of this number.
    pub(super) fn enter_flow(&mut self, token_number: usize) {
        self.levels.push(SimpleKey { token_number, ..SimpleKey::default() });
    }

    /// Leaves the innermost flow collection.
    pub(super) fn leave_flow(&mut self) {
        // The number of an empty collection's level is the collection's own: go-yaml never treats `{}` as a key.
        let key = self.levels.pop().expect("one for each flow level");
        self.forget(key.token_number);
    }

    fn innermost(&mut self) -> &mut SimpleKey {
        self.levels.last_mut().expect("there is always one for the block")
    }

    fn forget(&mut self, token_number: usize) {
        if let Some(at) = self.candidates.iter().rposition(|(number, _)| *number == token_number) {
            self.candidates.remove(at);
        }
    }
}

fn unfinished(mark: Position) -> YamlError {
    YamlError::at(mark.into(), "expected ':' after a key")
}

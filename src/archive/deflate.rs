//! Turns a blob into a ready piece of an archive: checksum, method and compressed bytes.
//!
//! The only user of libdeflate. The whole blob is given to the compressor in one call, since some
//! engines give other bytes for other chunk sizes. Called by `migrate`, once per distinct blob.

use libdeflater::{CompressionLvl, Compressor, Crc};

/// The level, by measurement: it makes the packages of the public repository as small as zlib's
/// level 6, Git's own, does. It decides bytes, hence the fingerprint.
const LEVEL: i32 = 5;

/// How an entry's bytes are stored (ZIP's method numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As they are (0).
    Store,
    /// Deflate (8).
    Deflate,
}

/// A blob, ready to be put into any number of archives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// CRC-32 of the blob's bytes.
    pub crc32: u32,
    /// Length of the blob in bytes.
    pub blob_len: u64,
    /// How `data` holds them.
    pub method: Method,
    /// What the archive holds.
    pub data: Box<[u8]>,
}

/// One worker's compressor with its scratch memory.
pub struct Deflater {
    compressor: Compressor,
    scratch: Vec<u8>,
}

/// Scratch memory above this length is given back after use, so that one giant blob does not
/// stay in memory for the rest of the run. In bytes.
const KEPT_SCRATCH_LEN: usize = 8 << 20;

impl Default for Deflater {
    fn default() -> Self {
        let level = CompressionLvl::new(LEVEL).expect("libdeflate has levels 1 to 12");
        Deflater { compressor: Compressor::new(level), scratch: Vec::new() }
    }
}

impl Deflater {
    /// Makes the piece of a blob: deflated, or stored when deflate does not make it smaller.
    pub fn piece(&mut self, blob: &[u8]) -> Piece {
        let mut crc = Crc::new();
        crc.update(blob);
        let (crc32, blob_len) = (crc.sum(), blob.len() as u64);
        // Only what is smaller than the blob is of use, so that is all the room there is.
        let room = blob.len().saturating_sub(1);
        if self.scratch.len() < room {
            self.scratch.resize(room, 0);
        }
        let deflated = self.compressor.deflate_compress(blob, &mut self.scratch[..room]);
        let (method, data) = match deflated {
            Ok(len) => (Method::Deflate, self.scratch[..len].into()),
            // The one error there is: it does not fit.
            Err(libdeflater::CompressionError::InsufficientSpace) => (Method::Store, blob.into()),
        };
        if self.scratch.capacity() > KEPT_SCRATCH_LEN {
            self.scratch = Vec::new();
        }
        Piece { crc32, blob_len, method, data }
    }
}

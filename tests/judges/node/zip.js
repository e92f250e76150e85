// Archives: yauzl, fed from a buffer and entry by entry, like in Kibana.

'use strict';

const { createHash } = require('node:crypto');
const { promisify } = require('node:util');
const yauzl = require('yauzl');

// The longest content that is read, since there may be bombs.
const MAX_CONTENT_LEN = 64 << 20;

async function judge({ input }) {
  let archive;
  try {
    archive = await promisify(yauzl.fromBuffer)(Buffer.from(input, 'base64'), { lazyEntries: true });
  } catch (error) {
    return { refused: error.message };
  }
  const entries = [];
  return new Promise((resolve, reject) => {
    archive.on('error', (error) => resolve({ refused: error.message }));
    archive.on('end', () => resolve({ ok: { entries } }));
    archive.on('entry', (entry) => {
      show(archive, entry).then((shown) => {
        entries.push(shown);
        archive.readEntry();
      }, reject);
    });
    archive.readEntry();
  });
}

async function show(archive, entry) {
  return {
    name: entry.fileName,
    method: entry.compressionMethod,
    size: entry.uncompressedSize,
    crc32: entry.crc32,
    is_dir: entry.fileName.endsWith('/'),
    content: await contentOf(archive, entry),
  };
}

// Returns the digest of an entry's bytes, or the error.
async function contentOf(archive, entry) {
  try {
    const stream = await promisify(archive.openReadStream.bind(archive))(entry);
    const digest = createHash('sha256');
    let len = 0;
    for await (const chunk of stream) {
      len += chunk.length;
      if (len > MAX_CONTENT_LEN) throw new Error('it exceeds the limit of this judge');
      digest.update(chunk);
    }
    return { sha256: digest.digest('hex') };
  } catch (error) {
    return { refused: error.message };
  }
}

module.exports = { judge };

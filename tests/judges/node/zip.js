// Archives: yauzl, fed from a buffer and entry by entry, as Kibana does.

'use strict';

const { createHash } = require('node:crypto');
const { promisify } = require('node:util');
const yauzl = require('yauzl');

// The longest content that is read: bombs are a question, too.
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

// The digest of an entry's bytes, or why there is none.
async function contentOf(archive, entry) {
  try {
    const stream = await promisify(archive.openReadStream.bind(archive))(entry);
    const digest = createHash('sha256');
    let len = 0;
    for await (const chunk of stream) {
      len += chunk.length;
      if (len > MAX_CONTENT_LEN) throw new Error('it is longer than this judge reads');
      digest.update(chunk);
    }
    return { sha256: digest.digest('hex') };
  } catch (error) {
    return { refused: error.message };
  }
}

module.exports = { judge };

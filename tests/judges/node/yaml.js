// YAML: js-yaml 3.14, called like Kibana calls it.

'use strict';

const { safeLoad, YAMLException } = require('js-yaml');
const { show } = require('./value');

// Bytes that are not UTF-8 become U+FFFD before the parser sees them.
function judge({ input }) {
  let value;
  try {
    value = safeLoad(Buffer.from(input, 'base64').toString());
  } catch (error) {
    if (error instanceof YAMLException) return { refused: error.message };
    throw error;
  }
  return { ok: show(value) };
}

module.exports = { judge };

// Values as lossless JSON: each is a list of its type's name and its value.

'use strict';

// Keeps answers within the limits of JSON readers; deeper values are shown as "deep".
const MAX_SHOWN_DEPTH = 30;

function show(value, depth = 0) {
  if (depth > MAX_SHOWN_DEPTH) return ['deep'];
  if (value === undefined) return ['undefined'];
  if (value === null) return ['null'];
  if (typeof value === 'boolean') return ['bool', value];
  if (typeof value === 'number') return ['number', Object.is(value, -0) ? '-0' : String(value)];
  if (typeof value === 'string') return showText(value);
  if (typeof value === 'function') return ['function'];
  if (value instanceof Date) return ['time', Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()];
  if (value instanceof RegExp) return ['regexp', String(value)];
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('base64')];
  if (Array.isArray(value)) return ['list', value.map((item) => show(item, depth + 1))];
  const pairs = Object.entries(value).map(([key, item]) => [showText(key), show(item, depth + 1)]);
  return ['map', pairs];
}

// JavaScript strings may contain unpaired surrogates, which JSON readers reject.
function showText(text) {
  return text.isWellFormed() ? ['text', text] : ['utf16', Buffer.from(text, 'utf16le').toString('base64')];
}

module.exports = { show };

// Signatures: openpgp.js, called like Kibana calls it, but returning the results of all signatures and keys.

'use strict';

const openpgp = require('openpgp');

// Kibana reads one key, the first of its file, and uses only the first signature.
async function judge({ input, signature: armored, keys, time }) {
  let signature, verificationKeys;
  try {
    signature = await openpgp.readSignature({ armoredSignature: text(armored) });
    verificationKeys = await Promise.all(keys.map((key) => openpgp.readKey({ armoredKey: text(key) })));
  } catch (error) {
    return { refused: error.message };
  }
  const message = await openpgp.createMessage({ binary: Buffer.from(input, 'base64') });
  const date = time === undefined || time === null ? new Date() : new Date(time * 1000);
  let verified;
  try {
    verified = await openpgp.verify({ message, signature, verificationKeys, date });
  } catch (error) {
    return { refused: error.message };
  }
  const signatures = [];
  for (const { keyID, verified: good } of verified.signatures) {
    const issuer = keyID.toHex();
    signatures.push(await good.then(
      () => ({ issuer, good: true }),
      (error) => ({ issuer, refused: error.message }),
    ));
  }
  return { ok: { signatures } };
}

function text(base64) {
  return Buffer.from(base64, 'base64').toString();
}

module.exports = { judge };

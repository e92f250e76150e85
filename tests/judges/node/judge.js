// Kibana's readers as judges: how its libraries read bytes, without any code of this tool.
//
// Reads one case per line from standard input and writes one answer per line to standard output, in order; see
// README.md. This file implements the protocol; each other file one reader.

'use strict';

const readline = require('node:readline');

const judges = {
  signature: require('./signature').judge,
  yaml: require('./yaml').judge,
  zip: require('./zip').judge,
};

async function answer(line) {
  let request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    return { id: null, error: `invalid case: ${error.message}` };
  }
  if (!Object.hasOwn(judges, request.judge)) {
    return { id: request.id, error: `unknown judge ${request.judge}` };
  }
  try {
    return { id: request.id, ...(await judges[request.judge](request)) };
  } catch (error) {
    // Each judge returns its reader's errors as `refused`, so this is another error.
    return { id: request.id, panic: String(error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
}

main();

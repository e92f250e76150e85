// Kibana's readers as judges: what its libraries make of bytes, and nothing of this tool's own.
//
// Reads one case a line on standard input and answers one line each on standard output, in order; see
// README.md. This file is the protocol; each other file holds one reader.

'use strict';

const readline = require('node:readline');

const judges = {
  signature: require('./signature').judge,
  yaml: require('./yaml').judge,
  zip: require('./zip').judge,
};

async function answer(line) {
  let asked;
  try {
    asked = JSON.parse(line);
  } catch (error) {
    return { id: null, error: `the case is not understood: ${error.message}` };
  }
  if (!Object.hasOwn(judges, asked.judge)) {
    return { id: asked.id, error: `there is no judge ${asked.judge}` };
  }
  try {
    return { id: asked.id, ...(await judges[asked.judge](asked)) };
  } catch (error) {
    // A reader's error is a refusal, told by its judge. What comes here is none.
    return { id: asked.id, panic: String(error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
}

main();

// A process that measures one subject: the name of a module with the API of node:tls, or 'host/engine'. It gets a message
// for each measurement, { job, …params }, and answers it with { result } or { error }. It ends with its parent.

import { runBulk } from './bulk.mjs';
import { runHandshake } from './handshake.mjs';
import { runMemory } from './memory.mjs';

const [subject] = process.argv.slice(2);

async function jobsOf(name) {
  if (name === 'host/engine') return import('./host-pair.mjs');
  const { default: tls } = await import(name);
  return {
    handshake: (params) => runHandshake(tls, params),
    bulk: (params) => runBulk(tls, params),
    memory: (params) => runMemory(tls, params),
  };
}

const jobs = jobsOf(subject);

process.on('message', async (params) => {
  try {
    const job = (await jobs)[params.job];
    process.send({ result: job ? await job(params) : null });
  } catch (error) {
    process.send({ job: { ...params, identity: undefined }, error: error.stack });
  }
});
process.on('disconnect', () => process.exit());

// The program that every bundler turns into a page: what one would write for Node, and the name of a relay. What the
// query string asks for begins at once, without waiting for anything.

import net from 'node:net';

import Redis from 'ioredis';
import nodemailer from 'nodemailer';
import pg from 'pg';

const { job, relay, ...options } = JSON.parse(decodeURIComponent(location.search.slice(1)));

async function query({ host = 'localhost', port, ca }) {
  const client = new pg.Client({
    host,
    port,
    database: 'postgres',
    user: 'postgres',
    password: 'password',
    ssl: { ca },
    enableChannelBinding: true,
  });
  let mechanism;
  client.connection.on('authenticationSASLContinue', () => ({ mechanism } = client.saslSession));
  await client.connect();
  const { rows } = await client.query('select ssl, version from pg_stat_ssl where pid = pg_backend_pid()');
  const large = await client.query("select length($1::text) as sent, repeat('x', $2) as text", ['y'.repeat(1e6), 1e6]);
  await client.end();
  return { ...rows[0], mechanism, sent: large.rows[0].sent, received: large.rows[0].text.length };
}

async function cache({ port, ca }) {
  const redis = new Redis({ host: 'localhost', port, tls: { ca } });
  const answers = await redis.pipeline().set('key', 'value').incr('count').get('key').exec();
  redis.defineCommand('twice', { numberOfKeys: 0, lua: 'return ARGV[1] * 2' });
  const result = { ping: await redis.ping(), answers, twice: [await redis.twice(21), await redis.twice(4)] };
  await redis.quit();
  return result;
}

async function mail({ port, ca }) {
  const transport = nodemailer.createTransport({
    host: 'localhost',
    port,
    secure: false,
    requireTLS: true,
    tls: { ca },
  });
  const { accepted, response } = await transport.sendMail({
    from: 'a@example.com',
    to: 'Bücher <b@bücher.example>',
    subject: 'grün',
    text: 'mail '.repeat(20_000),
    attachments: [{ filename: 'bytes.bin', content: Buffer.from([0, 1, 2, 253, 254, 255]) }],
  });
  transport.close();
  return { accepted, response };
}

/** Names of Node's that a browser cannot do are there and refuse. */
async function refusals() {
  const { default: fs, readFileSync } = await import('node:fs');
  const { spawn } = await import('node:child_process');
  const { createGzip } = await import('node:zlib');
  const refused = (work) => {
    try {
      return String(work());
    } catch ({ code, message }) {
      return { code, message };
    }
  };
  const stat = await new Promise((resolve) => fs.stat('file', ({ message }) => resolve(message)));
  return [refused(() => readFileSync('file')), refused(() => spawn('true')), refused(() => createGzip()), stat];
}

function worker() {
  const { promise, resolve, reject } = Promise.withResolvers();
  const started = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }) => resolve(data);
  started.onerror = ({ message }) => reject(new Error(message));
  return promise;
}

if (relay) net.setDefaultRelay(relay);
globalThis.result = { query, cache, mail, refusals, worker }[job](options).then(
  (value) => ({ value }),
  ({ code, message, stack }) => ({ error: { code, message, stack } }),
);

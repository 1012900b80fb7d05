// TLS 1.3 in WebAssembly against programs that were written by others: both roles, 32 MiB each way, on this machine's
// loopback interface. 'npm run demo' sets up what is missing and then runs this.

import fs from 'node:fs';
import { createRequire } from 'node:module';

import { ourClientToNode, ourClientToOpenssl } from './as-client.mjs';
import { curlToOurServer, opensslToOurServer } from './as-server.mjs';
import { makeCertificates } from './certificates.mjs';
import { makePayload, shorten, size } from './payload.mjs';
import { versionOf } from './programs.mjs';
import * as screen from './screen.mjs';
import { inRepository } from '../lib/paths.mjs';
import { Failure, exitWithFailure } from '../lib/report.mjs';

const { marks } = screen;
const patienceSeconds = 180;

const encounters = [
  { who: ['curl', 'our server'], note: 'HTTPS; curl has a client certificate', run: curlToOurServer },
  { who: ['openssl s_client', 'our server'], note: 'raw TLS; with a client certificate', run: opensslToOurServer },
  {
    who: ['our client', 'openssl s_server'],
    note: 'raw TLS; it sends each line back reversed',
    run: ourClientToOpenssl,
  },
  { who: ['our client', 'Node HTTPS server'], note: 'node:https, native, in its own process', run: ourClientToNode },
];

function load() {
  const require = createRequire(import.meta.url);
  const wasm = inRepository('dist/engine/wasm-tls.wasm');
  if (!fs.existsSync(wasm)) throw new Failure("There is no dist/ yet. 'npm run demo' builds it and then comes here.");
  return {
    tls: require('wasm-tls'),
    version: require('wasm-tls/package.json').version,
    wasmSize: fs.statSync(wasm).size,
  };
}

function introduce({ tls, version, wasmSize }, theirs, payload) {
  const dot = ` ${marks.dot} `;
  const openssl = tls.engine.opensslVersion().split(' ').slice(0, 2).join(' ');
  const wasm = `${openssl} in WebAssembly (${(wasmSize / 1e6).toFixed(1)} MB)`;
  screen.title(
    `TLS 1.3 in WebAssembly, against programs that were written by others`,
    'loopback only, certificates made for this run',
  );
  screen.fact('ours', [`wasm-tls ${version}`, wasm].join(dot));
  screen.fact('theirs', theirs.join(dot));
  screen.fact('each way', `${screen.mebibytes(size)} of random bytes, SHA-256 ${shorten(payload.hash)}`);
}

/** Runs one encounter and prints what came of it; null when it failed. */
async function meet({ who, note, run }, number, context) {
  screen.section(number, who.join(` ${marks.arrow} `), note);
  try {
    const result = await withPatience(run(context));
    report(result);
    return result;
  } catch (error) {
    const text = error instanceof Failure ? error.message : `${error.code ?? ''} ${error.stack}`.trim();
    screen.check(false, 'failed', text.replaceAll('\n', '\n      '));
    return null;
  }
}

function withPatience(work) {
  let timer;
  const limit = new Promise((resolve, reject) => {
    const message = `nothing came of it in ${patienceSeconds} seconds`;
    timer = setTimeout(() => reject(new Failure(message)), patienceSeconds * 1000);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function report(result) {
  const { protocol, cipher, group, chain, authorized, sent, received, atOnce, reused } = result;
  const moved = ({ good, seconds }) =>
    `${good ? 'SHA-256 matches' : 'SHA-256 DIFFERS'}   ${screen.megabytes(size, seconds)}${atOnce ? ', both ways at once' : ''}`;
  screen.check(protocol === 'TLSv1.3', 'protocol', protocol);
  screen.fact('cipher', cipher);
  screen.fact('group', group ?? 'not told');
  screen.check(authorized, 'peer chain', `${chain}   ${authorized ? 'verified' : 'NOT VERIFIED'}`);
  screen.check(received.good, `${screen.mebibytes(size)} received`, moved(received));
  screen.check(sent.good, `${screen.mebibytes(size)} sent`, moved(sent));
  screen.check(reused, 'second connection', `session reused: ${reused ? 'yes' : 'no'}`);
}

const isGood = (result) =>
  result !== null &&
  result.protocol === 'TLSv1.3' &&
  result.authorized &&
  result.sent.good &&
  result.received.good &&
  result.reused;

function summarize(results) {
  screen.title('Summary', 'rates include the peer, the loopback interface and the hashing at the other end');
  const heading = ['', 'protocol', 'group', 'received', 'sent', 'reused', 'verified'];
  const rows = encounters.map(({ who }, index) => {
    const result = results[index];
    const name = who.join(` ${marks.arrow} `);
    if (result === null) return [name, '', '', '', '', '', marks.failed];
    const rate = ({ seconds }) => screen.megabytes(size, seconds);
    const mark = isGood(result) ? marks.ok : marks.failed;
    const { protocol, group = '', received, sent, reused } = result;
    return [name, protocol, group, rate(received), rate(sent), reused ? 'yes' : 'no', mark.trim()];
  });
  screen.table(heading, rows, [3, 4]);
  screen.line();
  const failures = results.filter((result) => !isGood(result)).length;
  if (failures === 0) screen.line(screen.green(`Everything verified: ${screen.mebibytes(8 * size)} arrived as sent.`));
  else screen.line(screen.red(`${failures} of ${results.length} did not work out.`));
  return failures === 0;
}

try {
  const curl = versionOf('curl', '--version').replace(/^(curl \S+).*?(OpenSSL\/\S+|GnuTLS\/\S+|$).*/, '$1 ($2)');
  const openssl = versionOf('openssl', 'version').split(' ').slice(0, 2).join(' ');
  const theirs = [curl, openssl, `Node.js ${process.version} (OpenSSL ${process.versions.openssl})`];
  const library = load();
  const payload = makePayload();
  introduce(library, theirs, payload);

  const context = { tls: library.tls, certificates: makeCertificates(), payload };
  const results = [];
  for (const encounter of encounters) results.push(await meet(encounter, results.length + 1, context));
  process.exit(summarize(results) ? 0 : 1);
} catch (error) {
  exitWithFailure(error);
}

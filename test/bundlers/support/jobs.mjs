// What an application for Node does in a page, whoever bundled it, and in whatever browser.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { fixtures } from '../../support/pki.mjs';
import { postgres, redis, smtp } from '../../support/services/index.mjs';

const loopback = [{ address: '127.0.0.1', family: 4 }];

/** All names are this machine's. */
export const relayOptions = {
  allow: ['localhost:*', 'elsewhere.example:*'],
  lookup: () => Promise.resolve(loopback),
};

/** Each against its server, which `use()` stops; `run(options)` is a page. */
export const jobs = {
  async 'pg: SCRAM bound to the verified certificate'(use, run) {
    const server = await use(postgres());
    const value = await run({ job: 'query', port: server.port });
    const mechanism = 'SCRAM-SHA-256-PLUS';
    assert.deepEqual(value, { ssl: true, version: 'TLSv1.3', mechanism, sent: 1e6, received: 1e6 });
    // The name goes to the relay as it is, and is what the certificate must have.
    const elsewhere = run({ job: 'query', port: server.port, host: 'elsewhere.example' });
    await assert.rejects(elsewhere, /ERR_TLS_CERT_ALTNAME_INVALID/);
    const untrusted = run({ job: 'query', port: server.port, ca: fixtures().otherCa.cert.toString() });
    await assert.rejects(untrusted, /SELF_SIGNED_CERT_IN_CHAIN/);
  },
  async 'ioredis: a pipeline and a script'(use, run) {
    const server = await use(redis({ clientCertificates: false }));
    const { ping, answers, twice } = await run({ job: 'cache', port: server.port });
    assert.equal(ping, 'PONG');
    assert.deepEqual(answers, [[null, 'OK'], [null, 1], [null, 'value']]); // prettier-ignore
    assert.deepEqual(twice, [42, 8]);
  },
  async 'nodemailer: STARTTLS'(use, run) {
    const server = await use(smtp({ implicit: false }));
    const { accepted, response } = await run({ job: 'mail', port: server.port });
    assert.deepEqual(accepted, ['b@xn--bcher-kva.example']);
    assert.match(response, /^250 /);
    const [file] = fs.readdirSync(path.join(server.mailbox, 'new'));
    const mail = fs.readFileSync(path.join(server.mailbox, 'new', file), 'latin1');
    assert.match(mail, /^Subject: =\?UTF-8\?Q\?gr=C3=BCn\?=$/m);
    assert.ok(mail.includes(Buffer.from([0, 1, 2, 253, 254, 255]).toString('base64')));
  },
  async 'a worker, in its first line'(_use, run) {
    assert.deepEqual(await run({ job: 'worker' }), [true, 2]);
  },
  async 'refuses what a browser cannot do, when it is asked for'(_use, run) {
    const [file, child, gzip, stat] = await run({ job: 'refusals' });
    const code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
    assert.deepEqual(file, { code, message: 'fs.readFileSync is not available in a browser' });
    assert.deepEqual(child, { code, message: 'child_process.spawn is not available in a browser' });
    assert.deepEqual(gzip, { code, message: 'zlib.createGzip is not available in a browser' });
    assert.equal(stat, 'fs.stat is not available in a browser');
  },
};

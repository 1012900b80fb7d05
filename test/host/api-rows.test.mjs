// Rows of docs/api.md that no other test shows: each a name with its effect on a connection with Node's own tls.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import nativeTls from 'node:tls';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Client, only, Server } from '../support/endpoint.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeClient, nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { rawServer } from '../support/raw.mjs';
import { isNative, tls } from '../support/subject.mjs';

const here = new URL('.', import.meta.url);
const moduleName = isNative ? 'node:tls' : 'wasm-tls';
const noTickets = 1 << 14; // SSL_OP_NO_TICKET

describe('rows of the API', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identityOf = ({ key, cert }) => ({ key, cert });
  const rsa = identityOf(pki.serverRsa);
  const ecdsa = identityOf(pki.serverEcdsa);
  const trust = { ca: pki.ca.cert };

  /** A native client of a server with `options`, and the server's socket for it. */
  async function served(options, clientOptions = {}) {
    const server = await use(Server.start(options));
    const client = await use(nativeClient({ port: server.port, ...trust, ...clientOptions }));
    return { server, client, socket: await server.nextConnection() };
  }

  /** A secure client of a native server with `options`, and the server's socket for it. */
  async function connected(options, clientOptions = {}) {
    const server = await use(nativeServer(options));
    const client = await use(Client.start({ port: server.port, ...trust, ...clientOptions }));
    await client.secure;
    return { server, socket: client.socket, peer: await server.connections.next() };
  }

  describe('tls.connect()', () => {
    it('hints reach lookup', async () => {
      const asked = [];
      const lookup = (host, options, callback) => {
        asked.push([host, options.hints, options.family]);
        setImmediate(callback, null, '127.0.0.1', 4);
      };
      await connected(ecdsa, { host: 'name.test', lookup, family: 4, hints: 1024 });
      assert.deepEqual(asked, [['name.test', 1024, 4]]);
    });

    it('localPort is the port that the peer sees', async () => {
      const free = net.createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const { port: localPort } = free.address();
      await new Promise((resolve) => free.close(resolve));
      const { peer } = await connected(ecdsa, { localAddress: '127.0.0.1', localPort });
      assert.equal(peer.remotePort, localPort);
    });

    it('autoSelectFamily goes on to the next address', async () => {
      const asked = [];
      const lookup = (_host, { all }, callback) => {
        asked.push(Boolean(all));
        const address = '127.0.0.1';
        // Nobody listens there: the servers of these tests have an address of IPv4 alone.
        if (all)
          callback(null, [{ address: '::1', family: 6 }, { address, family: 4 }]); // prettier-ignore
        else callback(null, address, 4);
      };
      for (const autoSelectFamily of [true, false]) {
        const options = { host: 'name.test', lookup, autoSelectFamily, autoSelectFamilyAttemptTimeout: 1000 };
        const { socket } = await connected(ecdsa, options);
        assert.equal(socket.remoteAddress, '127.0.0.1');
        assert.equal(socket.autoSelectFamilyAttemptedAddresses?.length, autoSelectFamily ? 2 : undefined);
      }
      assert.deepEqual(asked, [true, false]);
    });

    it('noDelay, keepAlive and keepAliveInitialDelay are those of the socket below', async function test() {
      if (isNative) this.skip(); // It forgets them.
      const given = [];
      class Socket extends net.Socket {
        constructor(options) {
          super(options);
          given.push(options);
        }
      }
      const instance = tls.createTls({ net: { ...net, Socket } });
      const { port } = await use(nativeServer(ecdsa));
      const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 2000 };
      const socket = instance.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trust, ...options });
      await once(socket, 'secureConnect');
      socket.destroy();
      // The first is the TLSSocket itself.
      const { noDelay, keepAlive, keepAliveInitialDelay } = given[1];
      assert.deepEqual({ noDelay, keepAlive, keepAliveInitialDelay }, options);
    });

    it('highWaterMark bounds what is read ahead', async () => {
      const { socket } = await connected(ecdsa, { highWaterMark: 1000 });
      assert.equal(socket.readableHighWaterMark, 1000);
      assert.equal(socket.writableHighWaterMark, 1000);
    });
  });

  describe('tls.createServer()', () => {
    it('keepAlive and highWaterMark are those of the sockets below', async () => {
      const server = await use(
        Server.start({ ...ecdsa, keepAlive: true, keepAliveInitialDelay: 5000, highWaterMark: 1234 }),
      );
      const { keepAlive, keepAliveInitialDelay } = server.server;
      assert.deepEqual([keepAlive, keepAliveInitialDelay], [true, 5]);
      const below = once(server.server, 'connection');
      await use(nativeClient({ port: server.port, ...trust }));
      assert.equal((await below)[0].readableHighWaterMark, 1234);
    });

    it('sessionIdContext: sessions are good under the same one only', async () => {
      const options = { ...ecdsa, ...only('TLSv1.2'), ticketKeys: Buffer.alloc(48, 'k') };
      const start = async (sessionIdContext) => (await use(Server.start({ ...options, sessionIdContext }))).port;
      const [one, same, other] = [await start('one'), await start('one'), await start('other')];
      const session = (await use(nativeClient({ port: one, ...trust }))).getSession();
      const reused = async (port) => (await use(nativeClient({ port, ...trust, session }))).isSessionReused();
      assert.equal(await reused(same), true);
      assert.equal(await reused(other), false);
    });

    for (const secureOptions of [0, noTickets]) {
      it(`sessionTimeout: ${secureOptions ? 'sessions' : 'tickets'} are too old after it`, async function test() {
        if (isNative) this.skip(); // Its clock is the machine's.
        let ahead = 0;
        const instance = tls.createTls({ now: () => Date.now() + ahead });
        const options = { ...ecdsa, ...only('TLSv1.2'), sessionTimeout: 10, secureOptions };
        const server = instance.createServer(options, (socket) => socket.resume());
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address();
        await use({ stop: () => new Promise((resolve) => server.close(resolve)) });
        const store = new Map();
        server.on('newSession', (id, data, done) => (store.set(String(id), data), done()));
        server.on('resumeSession', (id, done) => done(null, store.get(String(id)) ?? null));
        const session = (await use(nativeClient({ port, ...trust }))).getSession();
        const reused = async () => (await use(nativeClient({ port, ...trust, session }))).isSessionReused();
        assert.equal(await reused(), true);
        ahead = 11_000;
        assert.equal(await reused(), false);
      });
    }

    it('enableTrace, and the method of that name', async () => {
      for (const [options, onConnection] of [['enableTrace: true', ''], ['', 'socket.enableTrace();']]) {
        const script = `
          const fs = require('node:fs');
          const [key, cert] = process.argv.slice(1).map((file) => fs.readFileSync(file));
          const server = require('${moduleName}').createServer({ key, cert, ${options} }, (socket) => {
            ${onConnection}
            socket.on('close', () => server.close()).on('error', () => {}).end('x');
          });
          server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        `;
        const args = ['-e', script, pki.serverEcdsa.keyPath, pki.serverEcdsa.certPath];
        const child = spawn(process.execPath, args, { cwd: here });
        await use({ stop: () => child.kill() });
        let trace = '';
        child.stderr.on('data', (text) => (trace += text));
        const exited = once(child, 'close');
        const port = Number((await once(child.stdout, 'data'))[0]);
        const client = await use(nativeClient({ port, ...trust }));
        client.resume().on('end', () => client.end());
        await exited;
        assert.match(trace, /Record/);
        assert.equal(/ClientHello, Length=/.test(trace), options !== '');
      } // prettier-ignore
    });

    it("'clientError' for whoever does not listen to 'tlsClientError'", async function test() {
      if (isNative) this.skip(); // Its name up to Node 5.
      const server = await use(Server.start(ecdsa));
      const told = [];
      server.server.on('clientError', (error, socket) => told.push([error.code, socket instanceof tls.TLSSocket]));
      const speak = async () => {
        const raw = net.connect(server.port, '127.0.0.1').on('error', () => {});
        raw.end('GET / HTTP/1.1\r\n\r\n').resume();
        await once(raw, 'close');
      };
      await speak();
      assert.deepEqual(told, []);
      server.server.removeAllListeners('tlsClientError');
      await speak();
      assert.deepEqual(told, [['ERR_SSL_HTTP_REQUEST', true]]);
    });

    it('of several patterns of addContext() that fit, the last added', async () => {
      const server = await use(Server.start(ecdsa));
      server.server.addContext('*.example.com', identityOf(pki.sniA));
      server.server.addContext('w*.example.com', identityOf(pki.sniB));
      const shown = async () => {
        const options = { port: server.port, servername: 'www.example.com', rejectUnauthorized: false };
        return (await use(nativeClient(options))).getPeerCertificate().subject.CN;
      };
      assert.equal(await shown(), 'b.example.org');
      server.server.addContext('*.example.com', identityOf(pki.wrongHost));
      assert.equal(await shown(), 'wrong.example.com');
    });
  });

  describe('tls.createSecureContext()', () => {
    it('ca with the label TRUSTED CERTIFICATE', async () => {
      const args = ['x509', '-trustout', '-in', pki.ca.certPath];
      const ca = execFileSync('openssl', args);
      assert.match(String(ca), /TRUSTED CERTIFICATE/);
      const { socket } = await connected(ecdsa, { ca });
      assert.equal(socket.authorized, true);
    });

    it('cert with the labels X509 CERTIFICATE and TRUSTED CERTIFICATE', async () => {
      for (const label of ['X509 CERTIFICATE', 'TRUSTED CERTIFICATE']) {
        const cert = String(ecdsa.cert).replaceAll(' CERTIFICATE', ` ${label}`);
        const { client } = await served({ key: ecdsa.key, cert });
        assert.equal(client.authorized, true);
      }
    });

    const dhe = { ciphers: 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', ...only('TLSv1.2') };
    const parameters = (bits) =>
      execFileSync('openssl', ['dhparam', '-dsaparam', String(bits)], { stdio: ['ignore', 'pipe', 'ignore'] });

    it('dhparam in PEM; a client says how many bits', async () => {
      const dhparam = parameters(1536);
      const { client } = await served({ ...rsa, ...dhe, dhparam }, dhe);
      assert.deepEqual(client.getEphemeralKeyInfo(), { type: 'DH', size: 1536 });
      const { socket } = await connected({ ...rsa, ...dhe, dhparam }, dhe);
      assert.deepEqual(socket.getEphemeralKeyInfo(), { type: 'DH', size: 1536 });
    });

    it('dhparam below 1024 bits is an error, what cannot be read is ignored', async () => {
      const dhparam = parameters(768);
      for (const module of [tls, nativeTls]) {
        assert.throws(() => module.createSecureContext({ dhparam }), {
          code: 'ERR_INVALID_ARG_VALUE',
          message: /DH parameter is less than 1024 bits/,
        });
        module.createSecureContext({ dhparam: 'no parameters' });
      }
      const server = await use(Server.start({ ...rsa, ...dhe, dhparam: 'no parameters' }));
      await assert.rejects(nativeClient({ port: server.port, ...trust, ...dhe }));
    });

    const defaults = [
      ['DEFAULT_MIN_VERSION', 'TLSv1.3', { maxVersion: 'TLSv1.2' }, {}],
      ['DEFAULT_MAX_VERSION', 'TLSv1.2', { minVersion: 'TLSv1.3' }, {}],
      [
        'DEFAULT_CIPHERS',
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
        only('TLSv1.2'),
      ],
      ['DEFAULT_ECDH_CURVE', 'P-384', { ecdhCurve: 'P-256' }, {}],
    ];
    for (const [name, value, unfit, both] of defaults) {
      it(`tls.${name} is that of contexts without the option`, async () => {
        const before = tls[name];
        tls[name] = value;
        try {
          await served({ ...ecdsa, ...both });
          const server = await use(Server.start({ ...ecdsa, ...both }));
          await assert.rejects(nativeClient({ port: server.port, ...trust, ...unfit }));
        } finally {
          tls[name] = before;
        }
      });
    }
  });

  describe('new tls.TLSSocket()', () => {
    /** A listening socket whose connections become TLSSockets of a server with `options`. */
    async function wrapping(options) {
      const sockets = [];
      const { port } = await use(
        rawServer((raw) => {
          const socket = new tls.TLSSocket(raw, { isServer: true, ...options });
          socket.on('error', () => {});
          sockets.push(socket);
        }),
      );
      return { port, sockets };
    }

    it('as a server: its certificate, requestCert, ALPNProtocols, SNICallback', async () => {
      const names = [];
      const SNICallback = (name, callback) => (names.push(name), callback(null, null));
      const options = { ...ecdsa, ...trust, requestCert: true, ALPNProtocols: ['b', 'a'], SNICallback };
      const { port, sockets } = await wrapping(options);
      const client = await use(nativeClient({ port, ...trust, ...identityOf(pki.client), ALPNProtocols: ['a', 'b'] }));
      client.write('x');
      await once(sockets[0], 'data');
      assert.equal(client.authorized, true);
      assert.deepEqual(names, ['localhost']);
      assert.deepEqual([client.alpnProtocol, sockets[0].alpnProtocol], ['b', 'b']);
      assert.equal(sockets[0].getPeerCertificate().subject.CN, 'client');
    });

    it('as a server: rejectUnauthorized needs a certificate', async () => {
      const { port, sockets } = await wrapping({
        ...ecdsa,
        ...trust,
        ...only('TLSv1.2'),
        requestCert: true,
        rejectUnauthorized: true,
      });
      await assert.rejects(nativeClient({ port, ...trust }));
      assert.equal(sockets[0].getProtocol() === null || sockets[0].authorized === false, true);
    });

    it('as a server: a tls.Server for its events', async () => {
      const server = tls.createServer(ecdsa);
      const asked = [];
      server.on('OCSPRequest', (_certificate, _issuer, callback) => (asked.push('OCSP'), callback(null, null)));
      const { port } = await wrapping({ ...ecdsa, server });
      await use(nativeClient({ port, ...trust, requestOCSP: true }));
      assert.deepEqual(asked, ['OCSP']);
    });

    it('as a client: session, requestOCSP, ALPNProtocols', async () => {
      const server = await use(nativeServer({ ...ecdsa, ...only('TLSv1.2'), ALPNProtocols: ['a'] }));
      server.server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, Buffer.from('staple')));
      const open = async (options) => {
        const raw = net.connect(server.port, '127.0.0.1');
        await once(raw, 'connect');
        const socket = new tls.TLSSocket(raw, { ...trust, ...options });
        await use({ stop: () => socket.destroy() });
        const secure = once(socket, 'secure');
        socket.write('x');
        return [socket, secure];
      };
      const [first, secure] = await open({ requestOCSP: true, ALPNProtocols: ['a'] });
      // Node forgets to ask for it unless tls.connect() made the socket.
      const stapled = isNative ? ['staple'] : once(first, 'OCSPResponse');
      const [[response]] = await Promise.all([stapled, secure]);
      assert.equal(String(response), 'staple');
      assert.equal(first.alpnProtocol, 'a');
      const [second, again] = await open({ session: first.getSession() });
      await again;
      assert.equal(second.isSessionReused(), true);
    });
  });

  describe('facts', () => {
    it('every field that a certificate can have is Node’s', async () => {
      const directory = await use(temporaryDirectory());
      const [key, cert] = [directory.file('key.pem'), directory.file('cert.pem')];
      const extensions = [
        'authorityInfoAccess=OCSP;URI:http://ocsp.test/,caIssuers;URI:http://ca.test/',
        'extendedKeyUsage=serverAuth,clientAuth',
        'subjectAltName=DNS:a.test,IP:127.0.0.1,URI:http://a.test/,email:me@a.test',
      ].flatMap((extension) => ['-addext', extension]);
      const subject = '/C=DE/ST=Some State/L=Some Place/O=Org/OU=One/OU=Two/CN=a.test';
      for (const type of [['rsa:2048'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']]) {
        const args = ['req', '-x509', '-nodes', '-newkey', ...type, '-keyout', key, '-out', cert, '-subj', subject];
        execFileSync('openssl', [...args, ...extensions], { stdio: 'ignore' });
        const own = { key: readFileSync(key), cert: readFileSync(cert) };
        const { server, socket } = await connected(own, { rejectUnauthorized: false });
        const theirs = await use(nativeClient({ port: server.port, rejectUnauthorized: false }));
        const [ours, native] = [socket, theirs].map((each) => each.getPeerCertificate(true));
        assert.equal(ours.issuerCertificate, ours);
        const plain = ({ issuerCertificate: _, ...rest }) => rest;
        assert.deepEqual(plain(ours), plain(native));
        assert.deepEqual(Object.keys(ours).sort(), Object.keys(native).sort());
        const { infoAccess, ext_key_usage: usage, subject: name } = ours;
        assert.equal(infoAccess['OCSP - URI'][0], 'http://ocsp.test/');
        assert.equal(usage.length, 2);
        assert.deepEqual(name.OU, ['One', 'Two']);
      }
    });

    it('what is wrong with a certificate has the name that Node gives it', async () => {
      const der = Buffer.from(new X509Certificate(ecdsa.cert).raw);
      der[der.length - 1] ^= 1;
      const broken = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;

      const { untrusted, otherCa, client } = pki;
      const cases = {
        CERT_SIGNATURE_FAILURE: [{ key: ecdsa.key, cert: broken }],
        INVALID_PURPOSE: [identityOf(client)],
        SELF_SIGNED_CERT_IN_CHAIN: [{ key: untrusted.key, cert: Buffer.concat([untrusted.cert, otherCa.cert]) }],
        UNABLE_TO_GET_CRL: [identityOf(untrusted), { ca: [pki.ca.cert, otherCa.cert], crl: pki.crl }],
        UNABLE_TO_GET_ISSUER_CERT: [identityOf(pki.chain), { ca: pki.intermediate.cert }],
      };
      for (const [code, [identity, options]] of Object.entries(cases)) {
        const server = await use(nativeServer(identity));
        const common = { port: server.port, ...trust, rejectUnauthorized: false, ...options };
        const theirs = await use(nativeClient(common));
        const ours = await use(Client.start(common));
        await ours.secure;
        assert.equal(theirs.authorizationError, code);
        assert.equal(ours.socket.authorizationError, code);
      }
    });

    it('a PSK of the greatest documented lengths', async () => {
      const psk = Buffer.alloc(256, 'k');
      const identity = 'i'.repeat(128);
      const limits = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' };
      const clientOptions = { ...limits, checkServerIdentity() {}, pskCallback: () => ({ psk, identity }) };
      const seen = [];
      const pskCallback = (_socket, name) => (seen.push(name.length), psk);
      await served({ ...limits, pskCallback }, clientOptions);
      await connected({ ...limits, pskCallback }, clientOptions);
      assert.deepEqual(seen, [128, 128]);
    });

    it('alerts have the codes of the Node around, or those that an instance chooses', async function test() {
      if (isNative) this.skip(); // It has no instances.
      const [one, other] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
      const { port } = await use(nativeServer({ ...ecdsa, ...only('TLSv1.2'), ciphers: one }));
      const options = { port, host: '127.0.0.1', ...trust, ciphers: other };
      const codeOf = async (module) => {
        const [error] = await once(module.connect(options), 'error');
        return error.code;
      };
      assert.equal(await codeOf(tls), await codeOf(nativeTls));
      const names = [false, true].map((newAlertNames) => codeOf(tls.createTls({ newAlertNames })));
      const expected = ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'];
      assert.deepEqual(await Promise.all(names), expected);
    });

    it('an error of a handshake has the fields of Node’s', async () => {
      const server = await use(nativeServer({ ...ecdsa, ...only('TLSv1.2') }));
      const options = { port: server.port, ...trust, ...only('TLSv1.3') };
      const theirs = await nativeClient(options).catch((error) => error);
      const client = await use(Client.start(options));
      const ours = await client.secure.catch((error) => error);
      for (const name of ['name', 'code', 'library', 'reason']) assert.equal(ours[name], theirs[name], name);
      // OpenSSL 3.0 has no function to ask for it.
      assert.equal(ours.function, isNative ? undefined : 'ssl3_read_bytes');
      assert.match(ours.message, /alert protocol version/);
    });
  });
});

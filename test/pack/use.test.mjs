// The package in an empty project without any toolchain: require, import, types, and a handshake with native `tls`.

import assert from 'node:assert/strict';
import tls from 'node:tls';

import { Project } from '../support/package.mjs';
import { fixtures } from '../support/pki.mjs';

/** Both roles against node:tls; the arguments are the files of a key, its certificate and the authority. */
const handshake = `
  const nodeTls = require('node:tls');
  const wasmTls = require('wasm-tls');
  const fs = require('node:fs');
  const [key, cert, ca] = process.argv.slice(2).map((file) => fs.readFileSync(file));

  function meet(serverTls, clientTls) {
    return new Promise((resolve, reject) => {
      const server = serverTls.createServer({ key, cert }, (socket) => socket.pipe(socket));
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        const socket = clientTls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
          socket.end('hello');
        });
        let text = '';
        socket.on('data', (data) => (text += data)).on('error', reject);
        const protocol = socket.getProtocol.bind(socket);
        let seen = null;
        socket.once('secureConnect', () => (seen = protocol()));
        socket.on('close', () => server.close(() => resolve({ text, protocol: seen, authorized: socket.authorized })));
      });
    });
  }

  (async () => {
    const asClient = await meet(nodeTls, wasmTls);
    const asServer = await meet(wasmTls, nodeTls);
    console.log(JSON.stringify({ asClient, asServer }));
  })();
`;

/** A program as one writes it for node:tls. */
const program = `
  import * as fs from 'node:fs';
  import * as net from 'node:net';
  import * as nodeTls from 'node:tls';

  const options: TlsOptions = { key: fs.readFileSync('key'), ALPNProtocols: ['h2'], minVersion: 'TLSv1.3' };
  const server: Server = tls.createServer(options, (socket: TLSSocket) => {
    const name: string | false | null = socket.alpnProtocol;
    socket.end(String(name));
  });
  server.on('secureConnection', (socket) => socket.getPeerCertificate().subject.CN);
  server.listen(0);

  const connectOptions: ConnectionOptions = { port: 443, servername: 'localhost', checkServerIdentity: () => undefined };
  const client: TLSSocket = tls.connect(connectOptions, () => client.getCipher().standardName.length);
  const context: SecureContext = tls.createSecureContext({ ciphers: tls.DEFAULT_CIPHERS });
  const roots: readonly string[] = tls.rootCertificates;
  const socket: net.Socket = client;

  // An instance of one's own.
  tls.createTls({ now: () => 0 }).connect({ port: 443, secureContext: context, host: roots[0] });

  // @ts-expect-error a port is no boolean
  tls.connect({ port: true });
  // @ts-expect-error there is no such function
  tls.conect(443);
  // What wants node:tls may be given wasm-tls.
  const connect: typeof nodeTls.connect = tls.connect;
  const createServer: typeof nodeTls.createServer = tls.createServer;
  void [socket, connect, createServer];
`;
const names = 'TlsOptions, Server, TLSSocket, ConnectionOptions, SecureContext';

describe('the package in an empty project', function suite() {
  this.timeout(120_000);
  let project;

  before('pack and install', async () => {
    project = await Project.create();
  });

  after(() => project?.stop());

  it('require() gives the names of node:tls', async () => {
    const keys = await project.node('keys.cjs', "console.log(JSON.stringify(Object.keys(require('wasm-tls'))))");
    const missing = Object.keys(tls).filter((name) => !keys.includes(name));
    assert.deepEqual(missing, []);
  });

  it('import gives the same, by name and as a whole', async () => {
    const found = await project.node(
      'import.mjs',
      `import tls, { connect, createServer, TLSSocket } from 'wasm-tls';
       import * as all from 'wasm-tls';
       import { createRequire } from 'node:module';
       const required = createRequire(import.meta.url)('wasm-tls');
       console.log(JSON.stringify({
         names: Object.keys(all),
         same: tls === required && connect === tls.connect && createServer === tls.createServer && TLSSocket === all.TLSSocket,
       }));`,
    );
    assert.equal(found.same, true);
    const missing = Object.keys(tls).filter((name) => !found.names.includes(name));
    assert.deepEqual(missing, []);
  });

  it('wasm-tls/net is node:net', async () => {
    const found = await project.node(
      'net.mjs',
      `import net, { connect } from 'wasm-tls/net';
       import nodeNet from 'node:net';
       console.log(JSON.stringify(net === nodeNet && connect === nodeNet.connect));`,
    );
    assert.equal(found, true);
  });

  it('wasm-tls/https gives the names of node:https, over the same module', async () => {
    const found = await project.node(
      'https.mjs',
      `import * as all from 'wasm-tls/https';
       import { Server } from 'wasm-tls';
       import * as nodeHttps from 'node:https';
       const missing = Object.keys(nodeHttps).filter((name) => !(name in all));
       console.log(JSON.stringify({ missing, same: all.createServer({}) instanceof Server }));`,
    );
    assert.deepEqual(found, { missing: [], same: true });
  });

  it('shakes hands with node:tls in both roles', async () => {
    const { ca, serverEcdsa } = fixtures();
    const paths = [serverEcdsa.keyPath, serverEcdsa.certPath, ca.certPath];
    const expected = { text: 'hello', protocol: 'TLSv1.3', authorized: true };
    assert.deepEqual(await project.node('handshake.cjs', handshake, ...paths), {
      asClient: expected,
      asServer: expected,
    });
  });

  it('types: an ES module', async () => {
    project.write('program.mts', `import tls, { ${names.replaceAll(/\w+/g, 'type $&')} } from 'wasm-tls'; ${program}`);
    project.write('named.mts', "import { connect, createServer } from 'wasm-tls'; connect(1); createServer();");
    await project.typecheck({ module: 'nodenext' }, 'program.mts', 'named.mts');
  });

  for (const options of [
    { module: 'nodenext' },
    { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
  ]) {
    it(`types: a CommonJS module, ${Object.values(options).join(' ')}`, async () => {
      const types = names.replaceAll(/\w+/g, (name) => `type ${name} = tls.${name};`).replaceAll(',', '');
      const name = options.module === 'nodenext' ? 'program.cts' : 'program.ts';
      project.write(name, `import tls = require('wasm-tls'); ${types} ${program}`);
      await project.typecheck(options, name);
    });
  }
});

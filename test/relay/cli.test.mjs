// The command line: relay, connect, serve, as their users run them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import { fileURLToPath } from 'node:url';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { extensions, RawClient, startEcho, WispClient } from '../support/relay.mjs';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

describe('wasm-tls', () => {
  const use = useCleanup();
  const pki = fixtures();

  /** The command with its output; `ended` resolves to { code, stdout, stderr }. */
  async function run(args, { env = {}, input } = {}) {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (output[stream] += data));
    if (input !== undefined) child.stdin.end(input);
    const ended = once(child, 'close').then(([code]) => ({ code, ...output }));
    await use({
      stop: () => child.kill('SIGKILL') && ended,
      describe: () => `${args.join(' ')}\n${output.stdout}${output.stderr}`,
    });
    /** The first line of stdout, when it is there. */
    const firstLine = async () => {
      while (!output.stdout.includes('\n')) await once(child.stdout, 'data');
      return output.stdout.split('\n', 1)[0];
    };
    return { child, ended, firstLine };
  }

  const result = async (...args) => (await run(...args)).ended;

  /** Files of a key pair. */
  async function files({ key, cert }) {
    const directory = await use(temporaryDirectory());
    fs.writeFileSync(directory.file('key.pem'), key);
    fs.writeFileSync(directory.file('cert.pem'), cert);
    fs.writeFileSync(directory.file('ca.pem'), pki.ca.cert);
    return directory;
  }

  it('--help names the commands, and that of each its options', async () => {
    const { code, stdout } = await result(['--help']);
    assert.equal(code, 0);
    for (const name of ['relay', 'connect', 'serve']) {
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
      const help = await result([name, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`^Usage: wasm-tls ${name} `));
    }
  });

  for (const args of [[], ['reley'], ['relay', '--prot', '1'], ['relay', '--port', 'x'], ['relay', '--allow', 'x']]) {
    it(`'${args.join(' ')}' is a mistake: code 2 and a hint`, async () => {
      const { code, stderr, stdout } = await result(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^wasm-tls: .+\nwasm-tls --help tells more\.\n$/);
    });
  }

  for (const args of [
    ['relay', '--max-frame', '1X'],
    ['relay', '--grace', '-1'],
    ['relay', '--port', '1', '--port', '2'],
    ['relay', '--password', 'secret'],
    ['relay', 'extra'],
    ['connect'],
    ['connect', 'example.com'],
    ['connect', 'example.com:0'],
    ['serve'],
  ]) {
    it(`so is '${args.join(' ')}'`, async () => {
      const { code, stderr } = await result(args);
      assert.equal(code, 2);
      assert.ok(!stderr.includes('secret'));
    });
  }

  describe('relay', () => {
    async function started(args, options) {
      const command = await run(['relay', '--port', '0', ...args], options);
      const { event, port } = JSON.parse(await command.firstLine());
      assert.equal(event, 'start');
      return { ...command, port, url: `ws://127.0.0.1:${port}/` };
    }

    it('relays, logs JSON lines, and ends on SIGTERM with code 0', async () => {
      const echo = await use(startEcho());
      const { child, ended, url } = await started([
        '--allow',
        `127.0.0.1:${echo.port}`,
        '--allow-private',
        '--grace',
        '0',
      ]);
      const client = await use(WispClient.start(url, extensions()));
      assert.equal(await client.asks(client.connect(echo.port), 'hello'), 'hello');
      child.kill('SIGTERM');
      assert.equal((await client.closed).code, 1001);
      const { code, stdout } = await ended;
      assert.equal(code, 0);
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event);
      assert.deepEqual([events[0], events.at(-1)], ['start', 'stopped']);
    });

    it('each option reaches the relay', async () => {
      const directory = await use(temporaryDirectory());
      fs.writeFileSync(directory.file('tokens'), 'from-file\n\n');
      fs.writeFileSync(directory.file('passwords'), 'me:secret:with:colons\n');
      const args = ['--token-file', directory.file('tokens'), '--password-file', directory.file('passwords')];
      const more = ['--path', '/r/', '--origin', 'https://app.example', '--require-origin', '--max-connections', '1'];
      const rest = ['--motd', 'hello', '--allow-listen', '0', '--max-frame', '2K', '--log-level', 'debug'];
      rest.push('--no-downloads-by-http');
      const env = { WASM_TLS_RELAY_TOKEN: 'from-environment', WASM_TLS_RELAY_PASSWORD: 'you:too' };
      const { port } = await started([...args, ...more, ...rest], { env });
      const url = `ws://127.0.0.1:${port}/r/`;
      const origin = { origin: 'https://app.example' };
      assert.equal(await RawClient.refused(url, [], origin), 401);
      assert.equal(await RawClient.refused(`${url}from-file/`), 403);
      for (const token of ['from-file', 'from-environment']) {
        const client = await use(WispClient.start(`${url}${token}/`, extensions(), origin));
        assert.deepEqual(
          client.info.extensions.map(({ id }) => id),
          [0x05, 0xf1, 0xf2, 0x04, 0xf3],
        );
        assert.equal(await RawClient.refused(`${url}${token}/`, [], origin), 503);
        client.send(Buffer.alloc(2049));
        assert.equal((await client.closed).code, 1009);
      }
    });

    it('a port in use is code 1 and says so', async () => {
      const echo = await use(startEcho());
      const { code, stderr } = await result(['relay', '--port', String(echo.port), '--allow', '*:443']);
      assert.equal(code, 1);
      assert.match(stderr, /EADDRINUSE/);
    });
  });

  describe('connect', () => {
    async function server(options) {
      return use(nativeServer({ key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert, ...options }, () => {}));
    }

    it('says what was negotiated, and passes stdin and stdout', async () => {
      const { port, connections } = await server({ ALPNProtocols: ['one', 'two'], minVersion: 'TLSv1.3' });
      const directory = await files(pki.serverEcdsa);
      const args = ['connect', `127.0.0.1:${port}`, '--servername', 'localhost', '--ca', directory.file('ca.pem')];
      const { child, ended } = await run([...args, '--alpn', 'two,three']);
      const peer = await connections.next();
      peer.pipe(peer);
      child.stdin.end('to the peer and back');
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout], [0, 'to the peer and back']);
      assert.match(stderr, /^protocol +TLSv1\.3$/m);
      assert.match(stderr, /^cipher +TLS_AES_256_GCM_SHA384$/m);
      assert.match(stderr, /^key exchange +X25519/m);
      assert.match(stderr, /^ALPN +two$/m);
      assert.match(stderr, /^verification +ok$/m);
      assert.match(stderr, /^certificate 0 .*\n +issued by .*\n +valid .* to .*$/m);
    });

    it('a certificate that does not verify is shown, and code 1', async () => {
      const { port } = await server();
      const { code, stdout, stderr } = await result(['connect', `127.0.0.1:${port}`], { input: 'not sent' });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^verification +\w+$/m);
      assert.match(stderr, /^certificate 0 /m);
      assert.match(stderr, /^wasm-tls: The certificate does not verify: \w+$/m);
    });

    it('--insecure goes on all the same', async () => {
      const { port, connections } = await server();
      const { child, ended } = await run(['connect', `127.0.0.1:${port}`, '--insecure']);
      const peer = await connections.next();
      peer.end('welcome');
      child.stdin.end();
      assert.equal((await ended).stdout, 'welcome');
    });

    it('--cert and --key are the client’s', async () => {
      const { port, connections } = await server({ requestCert: true, ca: pki.ca.cert });
      const directory = await files(pki.client);
      const own = ['--cert', directory.file('cert.pem'), '--key', directory.file('key.pem')];
      const { child, ended } = await run(['connect', `127.0.0.1:${port}`, '--insecure', ...own]);
      const peer = await connections.next();
      assert.equal(peer.authorized, true);
      peer.end();
      child.stdin.end();
      assert.equal((await ended).code, 0);
    });
  });

  describe('serve', () => {
    async function get(url, path, options) {
      const request = https.request(new URL(path, url), { ca: pki.ca.cert, agent: false, ...options });
      request.end(options?.body);
      const [response] = await once(request, 'response');
      const text = (await response.toArray()).join('');
      return { status: response.statusCode, type: response.headers['content-type'], text };
    }

    async function started(...args) {
      const directory = await files(pki.serverEcdsa);
      const identity = ['--cert', directory.file('cert.pem'), '--key', directory.file('key.pem')];
      const command = await run(['serve', '--port', '0', ...identity, ...args]);
      return { ...command, directory, url: await command.firstLine() };
    }

    it('answers with the request', async () => {
      const { url, child, ended } = await started();
      const { status, text } = await get(url, '/some?thing', { method: 'POST', body: 'a body' });
      assert.equal(status, 200);
      assert.match(text, /^TLSv1\.3 TLS_\w+\n\nPOST \/some\?thing HTTP\/1\.1\n[^]*\n\na body$/);
      child.kill('SIGTERM');
      assert.equal((await ended).code, 0);
    });

    it('serves the files of a folder, and nothing beside it', async () => {
      const root = await use(temporaryDirectory());
      fs.mkdirSync(root.file('sub'));
      fs.writeFileSync(root.file('sub/index.html'), '<p>hello</p>');
      fs.writeFileSync(root.file('a b.txt'), 'text');
      const { url, directory } = await started('--root', root.path);
      fs.symlinkSync(directory.file('key.pem'), root.file('link.txt'));
      assert.deepEqual(await get(url, '/sub/'), {
        status: 200,
        type: 'text/html; charset=utf-8',
        text: '<p>hello</p>',
      });
      assert.equal((await get(url, '/a%20b.txt')).text, 'text');
      assert.equal((await get(url, '/a%20b.txt', { method: 'HEAD' })).text, '');
      for (const path of ['/none', '/sub', '/', '/..%2f..%2fetc/passwd', '/%00', '/%', '/link.txt']) {
        assert.equal((await get(url, path)).status, 404, path);
      }
      assert.equal((await get(url, '/a%20b.txt', { method: 'DELETE' })).status, 405);
    });
  });
});

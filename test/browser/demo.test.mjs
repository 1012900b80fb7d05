// The page of npm start, used as a person would, in Chromium. Screenshots are in build/screenshots/.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';

import { ensurePage } from '../../scripts/build-page.mjs';
import { build } from '../../scripts/lib/paths.mjs';
import { startDemo } from '../../web-demo/server/index.mjs';
import { theBrowser } from './support/browsers.mjs';
import { panels, usePanel } from './support/panels.mjs';

const runFile = promisify(execFile);
const screenshots = path.join(build, 'screenshots');

const notFound = (route) => route.fulfill({ status: 404 });

/* global document, getComputedStyle -- in functions that the page runs */

describe('the demo', () => {
  let browser;
  let demo;
  let view;
  let page;
  let complaints = [];

  before(async function () {
    this.timeout(120_000);
    demo = await startDemo({ files: await ensurePage() });
    browser = await theBrowser('chromium');
    fs.mkdirSync(screenshots, { recursive: true });
  });

  after(async () => {
    await demo?.stop();
  });

  /** A fresh page on one of the panels, whose every complaint fails the test. */
  async function open(panel, options = {}) {
    const { prepare, url = demo.url, ...context } = options;
    view = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
    page = await view.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.stack));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && `${origin}/` !== url) complaints.push(`a request to ${request.url()}`);
    });
    await prepare?.(page);
    await page.goto(`${url}#${panel}`);
    return page;
  }

  afterEach(async () => {
    await view?.close();
    view = null;
    assert.deepEqual(complaints, []);
  });

  const panelHeading = () => page.getByRole('heading', { level: 1 });
  const shoot = (name) => page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });

  describe('Inspect', () => {
    const verdict = () => page.locator('.inspect .notice-headline');
    const messages = () => page.locator('.message-name').allInnerTexts();
    const choose = (name) => page.getByRole('button', { name, exact: false }).first().click();

    /** What came of the handshake with one of the prepared servers. */
    async function inspect(name) {
      await choose(name);
      await page.getByRole('button', { name: 'Connect', exact: true }).and(page.locator(':enabled')).waitFor();
      await verdict().waitFor();
      return verdict().innerText();
    }

    const fact = (name) => page.locator('.facts > div', { hasText: name }).locator('dd').first().innerText();

    it('shows every message of a handshake, what was agreed on, and the chain', async () => {
      await open('inspect');
      assert.match(await inspect('A good server'), /^Secure: TLS 1\.3, verified for localhost/);
      const names = (await messages()).map((name) => name.replace(/^.*: /, '').trim());
      for (const name of ['ClientHello', 'ServerHello', 'EncryptedExtensions', 'Certificate', 'CertificateVerify']) {
        assert.ok(
          names.some((each) => each.endsWith(name)),
          `${name} in ${names}`,
        );
      }
      assert.equal(names.filter((each) => each.endsWith('Finished')).length, 2);
      assert.equal(await fact('Protocol'), 'TLS 1.3');
      assert.equal(await fact('Application protocol'), 'http/1.1');
      const checks = await page.locator('.check').allTextContents();
      assert.equal(checks.length, 3);
      assert.ok(
        checks.every((check) => check.includes('Passed: ')),
        checks.join('\n'),
      );
      assert.equal(await page.locator('.certificate').count(), 3);
      await shoot('inspect');
    });

    it('resumes on the second try', async () => {
      await open('inspect');
      await inspect('A good server');
      await page.getByRole('button', { name: 'Connect again, resuming' }).click();
      await page.getByRole('button', { name: 'Try 2: resumed' }).waitFor();
      assert.equal(await fact('Session'), 'resumed');
      assert.ok(!(await messages()).some((name) => name.endsWith('Certificate')));
      await shoot('inspect-resumed');
      await page.getByRole('button', { name: 'Try 1: full' }).click();
      assert.equal(await fact('Session'), 'new');
    });

    for (const [name, headline, code] of [
      ['Post-quantum', /^Secure: TLS 1\.3/, null],
      ['Another group, please', /^Secure: TLS 1\.3/, null],
      ['TLS 1.2 only', /^Secure: TLS 1\.2/, null],
      ['Expired', /^Encrypted, but not trusted: the certificate has expired/, 'CERT_HAS_EXPIRED'],
      ['Not yet valid', /^Encrypted, but not trusted: .*not valid yet/, 'CERT_NOT_YET_VALID'],
      ['Wrong host', /^Encrypted, but not trusted: .*somebody else/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ['Self-signed', /^Encrypted, but not trusted: it vouches for itself/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ['Unknown root', /^Encrypted, but not trusted: the chain leads nowhere/, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['Wants your certificate', /^No connection: it wants your certificate/, 'CERTIFICATE_REQUIRED'],
      ['Another protocol', /^No connection: no application protocol/, 'NO_APPLICATION_PROTOCOL'],
      ['No TLS at all', /^No connection: that is not TLS/, 'ERR_SSL_WRONG_VERSION_NUMBER'],
      ['Hangs up', /^No connection: the other side hung up/, 'ECONNRESET'],
      ['Nobody there', /^No connection: nobody listens there/, 'ECONNREFUSED'],
    ]) {
      it(`tells what became of it: ${name}`, async () => {
        await open('inspect');
        assert.match(await inspect(name), headline);
        if (code === null) return;
        const text = await page.locator('.inspect .notice').innerText();
        assert.ok(text.includes(code), text);
        assert.ok(text.includes('What to do: '), text);
        await shoot(`inspect-${name.toLowerCase().replaceAll(/\W+/g, '-')}`);
      });
    }

    it('does as the options say', async () => {
      await open('inspect');
      await inspect('A good server');
      await page.getByText('Options').click();
      const connect = async () => {
        await page.getByRole('button', { name: 'Connect', exact: true }).click();
        await page.getByRole('button', { name: 'Connect', exact: true }).and(page.locator(':enabled')).waitFor();
        return verdict().innerText();
      };
      await page.getByLabel('Highest version').selectOption('TLSv1.2');
      assert.match(await connect(), /^Secure: TLS 1\.2/);
      await page.getByLabel('Highest version').selectOption('TLSv1.3');
      await page.getByLabel('Cipher suites').selectOption('TLS_CHACHA20_POLY1305_SHA256');
      await page.getByLabel('Lowest version').selectOption('TLSv1.3');
      for (const group of ['X25519MLKEM768', 'X25519', 'P-256', 'X448', 'P-521']) {
        await page.getByRole('checkbox', { name: group, exact: true }).uncheck();
      }
      await page.getByLabel('ALPN').fill('');
      await page.getByLabel('Server name (SNI)').fill('-');
      await connect();
      assert.equal(await fact('Cipher suite'), 'TLS_CHACHA20_POLY1305_SHA256');
      assert.equal(await fact('Key exchange'), 'P-384');
      assert.equal(await fact('Application protocol'), 'none agreed');
      assert.equal(await fact('Server name sent'), 'none');
      await page.getByLabel('Trust roots').selectOption('none');
      assert.match(await connect(), /^Encrypted, but not trusted/);
      await page.getByLabel('Trust roots').selectOption('mozilla');
      assert.match(await connect(), /^Encrypted, but not trusted/);
      await shoot('inspect-options');
      await page.getByLabel('Cipher suites').selectOption('own');
      await page.getByLabel('Your own list').fill('no-such-suite');
      assert.match(await connect(), /^No connection: no such suite/);
      await page.getByLabel('Lowest version').selectOption('TLSv1.2');
      await page.getByLabel('Highest version').selectOption('TLSv1.2');
      await page.getByLabel('Trust roots').selectOption('demo');
      await page.getByLabel('Your own list').fill('ECDHE+CHACHA20');
      // The curve of the server's certificate, which TLS 1.2 counts among the groups.
      await page.getByRole('checkbox', { name: 'P-256', exact: true }).check();
      assert.match(await connect(), /^Secure: TLS 1\.2/);
      assert.match(await fact('Cipher suite'), /CHACHA20/);
    });

    it('shows the visitor’s certificate to a server that wants it', async () => {
      await open('inspect');
      await page.getByText('Options').click();
      await page.getByLabel('Client certificate').selectOption('demo');
      assert.match(await inspect('Wants your certificate'), /^Secure: TLS 1\.3/);
      assert.equal(await fact('Our certificate'), 'asked for, and shown');
    });

    it('refuses options that do not go together, and what is no address', async () => {
      await open('inspect');
      await page.getByText('Options').click();
      await page.getByLabel('Highest version').selectOption('TLSv1.2');
      await page.getByLabel('Lowest version').selectOption('TLSv1.3');
      await page.getByLabel('Host and port').press('Enter');
      assert.match(await verdict().innerText(), /^These options do not go together/);
      await page.getByLabel('Host and port').fill('local host:99999');
      await page.getByLabel('Host and port').press('Enter');
      await page.getByText('That is no address').waitFor();
    });

    it('takes any address that the relay lets through', async () => {
      await open('inspect');
      await choose('A good server');
      await page.locator('.ladder').waitFor();
      const { port } = new URL(`https://${await page.getByLabel('Host and port').inputValue()}`);
      const type = async (address) => {
        await page.getByLabel('Host and port').fill(address);
        await page.getByLabel('Host and port').press('Enter');
        await page.getByRole('button', { name: 'Connect', exact: true }).and(page.locator(':enabled')).waitFor();
        return verdict().innerText();
      };
      assert.match(await type(`https://127.0.0.1:${port}/`), /^Secure: .* verified for 127\.0\.0\.1/);
      assert.match(await type('localhost:9'), /^No connection: the relay does not allow it/);
      assert.match(await type('[::1]:22'), /^No connection: the relay does not allow it/);
      assert.match(await type('nowhere.invalid'), /^No connection: the name is unknown/);
      assert.match(await page.locator('.options summary').innerText(), /Mozilla’s roots/);
    });

    it('gives away the key log', async () => {
      await open('inspect');
      await inspect('A good server');
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download the key log' }).click();
      const text = fs.readFileSync(await (await download).path(), 'utf8');
      const lines = text.trim().split('\n');
      assert.ok(lines.length >= 5, text);
      for (const line of lines) assert.match(line, /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}$/);
    });
  });

  describe('Query', () => {
    const status = () => page.locator('.query .status');
    const rows = () => page.locator('.query tbody tr');

    async function openConsole(test) {
      await open('query');
      await panelHeading().waitFor();
      if (!(await page.getByLabel('SQL').isVisible())) {
        assert.match(await page.locator('.query .notice').innerText(), /apt-get install postgresql/);
        test.skip();
      }
    }

    it('asks PostgreSQL, verified and with channel binding', async function () {
      await openConsole(this);
      await page.getByRole('button', { name: 'Run' }).click();
      await rows().first().waitFor();
      assert.equal(await rows().count(), 6);
      assert.match(await status().innerText(), /^6 rows in/);
      const facts = await page.locator('.query .facts').innerText();
      assert.match(facts, /SCRAM-SHA-256-PLUS/);
      assert.match(facts, /verify-full/);
      await shoot('query');
    });

    it('takes any statement, and says in words what is wrong with one', async function () {
      await openConsole(this);
      await page
        .getByLabel('SQL')
        .fill('create temp table t (n int); insert into t values (1), (2); select sum(n) from t');
      await page.getByLabel('SQL').press('Control+Enter');
      await rows().first().waitFor();
      assert.equal((await rows().first().innerText()).trim(), '3');
      await page.getByRole('button', { name: 'A mistake' }).click();
      await page.locator('.query .notice').waitFor();
      assert.match(await status().innerText(), /PostgreSQL says: relation "tls_version" does not exist/);
      await shoot('query-mistake');
    });
  });

  it('says what to install where there is no PostgreSQL', async () => {
    const withoutPostgres = async (route) => {
      const response = await route.fetch();
      const missing = 'PostgreSQL is not installed. On Debian: apt-get install postgresql.';
      await route.fulfill({ response, json: { ...(await response.json()), postgres: { access: null, missing } } });
    };
    await open('query', { prepare: (each) => each.route('**/api/demo', withoutPostgres) });
    await page.getByText('There is no PostgreSQL here').waitFor();
    await page.getByText('apt-get install postgresql').waitFor();
    assert.equal(await page.getByLabel('SQL').count(), 0);
  });

  describe('Serve', () => {
    const visitRows = () => page.locator('.serve .log tbody tr');

    /** The curl commands that the page offers, to be run as they are. */
    async function startServing() {
      await open('serve');
      await page.getByRole('button', { name: 'Start serving' }).click();
      await page.locator('.serve .command code').first().waitFor();
      return page.locator('.serve .command code').allInnerTexts();
    }

    const shell = async (command) => (await runFile('sh', ['-c', `${command} --silent --show-error`])).stdout;

    it('answers curl, and shows its requests', async () => {
      const [get, post, parallel] = await startServing();
      assert.match(await shell(get), /^Hello from a browser tab!/);
      assert.equal(await shell(post), 'to be sent back');
      await page.getByLabel('What visitors get').fill('Something else');
      assert.equal(await shell(get), 'Something else\n');
      const answers = await shell(parallel);
      assert.equal(answers, 'Something else\n'.repeat(20));
      await page.getByText('23 visits so far').waitFor();
      assert.equal(await visitRows().count(), 23);
      await shoot('serve');
      await page.getByRole('button', { name: 'Stop serving' }).click();
      await page.getByText('Stopped: the port is given back.').waitFor();
      await assert.rejects(shell(get), /curl: \(\d+\)/);
    });

    it('shows who did not get in', async () => {
      const [get] = await startServing();
      await assert.rejects(shell(get.replace(/--cacert \S+/, '')), /curl: \(60\)/);
      await page.getByText('refused').waitFor();
      assert.match(await visitRows().first().innerText(), /UNKNOWN_CA/);
    });

    it('takes requests in pieces and several at once, and refuses what is none', async () => {
      const [get] = await startServing();
      const [, ca, port] = /--cacert (\S+) https:\/\/localhost:(\d+)/.exec(get);
      /** Everything that comes back for `pieces`, each in a record of its own. */
      const talk = async (...pieces) => {
        const socket = tls.connect({ host: 'localhost', port: Number(port), ca: fs.readFileSync(ca) });
        await once(socket, 'secureConnect');
        for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
        let answer = '';
        for await (const chunk of socket) answer += chunk;
        return answer;
      };
      const pipelined = await talk(
        'GET / HT',
        'TP/1.1\r\nHost: x\r\n\r\nGET /tls HTTP/1.1\r\nConnection: close\r\n\r\n',
      );
      assert.equal(pipelined.match(/HTTP\/1\.1 200 OK/g)?.length, 2, pipelined);
      assert.match(pipelined, /"protocol": "TLSv1\.3"/);
      const post = 'POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n';
      assert.match(await talk(post, 'abc', 'def'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*\r\n\r\nabcdef$/s);
      assert.match(await talk('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 .*Connection: close/s);
      assert.match(await talk('HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n'), /\r\n\r\n$/);
      for (const [status, request] of [
        [404, 'GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n'],
        [405, 'DELETE / HTTP/1.1\r\nConnection: close\r\n\r\n'],
        [400, 'GET / HTTP/1.1\r\nno header\r\n\r\n'],
        [400, 'POST /echo HTTP/1.1\r\nContent-Length: many\r\n\r\n'],
        [411, 'POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'],
        [413, 'POST /echo HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n'],
        [431, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`],
      ]) {
        assert.match(await talk(request), new RegExp(`^HTTP/1\\.1 ${status} `));
      }
    });

    it('is visited by Node', async () => {
      await startServing();
      await page.getByRole('button', { name: 'Let Node visit' }).click();
      await page.getByText('Node got 200 over TLSv1.3').waitFor();
    });
  });

  describe('Prove', () => {
    it('shows plain text on one side and none of it on the other', async () => {
      await open('prove');
      const secret = 'attack at dawn, by the small gate';
      await page.getByLabel('Your message').fill(secret);
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('Your message is nowhere in there').waitFor();
      const [ours, relays] = await page.locator('.prove .columns > .card').allInnerTexts();
      assert.ok(ours.includes(`The server has read: ${secret}`), ours);
      assert.ok(!relays.includes(secret), relays);
      assert.match(relays, /17 03 03/);
      await shoot('prove');
    });

    it('measures both directions, and can be cancelled', async function () {
      this.timeout(120_000);
      await open('prove');
      await page.getByLabel('Amount').selectOption(String(8 * 1024 * 1024));
      const finished = page.locator('.prove table tbody tr');
      for (const [index, direction] of ['download', 'upload'].entries()) {
        await page.getByLabel('Direction').selectOption(direction);
        await page.getByRole('button', { name: 'Start' }).click();
        await finished.nth(index).waitFor({ timeout: 60_000 });
        assert.match(await finished.first().innerText(), new RegExp(`^${direction}\\s+8 MiB\\s.* MB/s`, 'i'));
      }
      await shoot('prove-throughput');
      await page.getByLabel('Amount').selectOption(String(256 * 1024 * 1024));
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText(/^Cancelled after/).waitFor();
      assert.ok(await page.getByRole('button', { name: 'Start' }).isEnabled());
    });
  });

  async function withoutWasm(each) {
    await each.route(demo.url, async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      headers['content-security-policy'] = headers['content-security-policy'].replace("'wasm-unsafe-eval'", '');
      await route.fulfill({ response, headers });
    });
  }

  describe('its server', () => {
    const get = (target, headers = {}, method = 'GET') =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(demo.url);
        const request = http.request({ hostname, port, path: target, method, headers }, (response) => {
          let body = '';
          response.on('data', (chunk) => (body += chunk)).on('end', () => resolve({ response, body }));
        });
        request.on('error', reject).end();
      });
    const statusOf = async (...args) => (await get(...args)).response.statusCode;

    it('gives the page a strict policy', async () => {
      const { response } = await get('/');
      const policy = response.headers['content-security-policy'];
      assert.match(policy, /default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/);
      assert.doesNotMatch(policy, /'unsafe-eval'|unsafe-inline/);
    });

    it('is for its own page alone', async () => {
      assert.equal(await statusOf('/api/demo'), 200);
      // A name that somebody else's DNS leads here, and a page from elsewhere.
      assert.equal(await statusOf('/api/demo', { Host: 'evil.example' }), 403);
      assert.equal(await statusOf('/api/demo', { Origin: 'http://evil.example' }), 403);
    });

    it('serves the files of the page and no others', async () => {
      for (const target of [
        '/../package.json',
        '/..%2f..%2fpackage.json',
        '/%E0%A4',
        '//evil.example/',
        '/%00.js',
        '/assets',
      ]) {
        assert.equal(await statusOf(target), 404, target);
      }
      assert.equal(await statusOf('/', {}, 'DELETE'), 405);
      assert.equal(await statusOf('/api/visit', {}, 'POST'), 502);
      assert.equal(await statusOf('/api/tap?random=nonsense'), 200);
    });
  });

  describe('the page', () => {
    for (const [what, headline, prepare] of [
      ['a blocked module', 'WebAssembly is blocked here', withoutWasm],
      ['no WebSocket', 'This browser has no WebSocket', (each) => each.addInitScript('delete window.WebSocket')],
      ['no WebAssembly', 'This browser has no WebAssembly', (each) => each.addInitScript('delete window.WebAssembly')],
      ['a missing wasm file', 'The TLS stack did not load', (each) => each.route('**/*.wasm', notFound)],
    ]) {
      it(`tells what to do about ${what}`, async () => {
        await open('inspect', { prepare });
        const banner = page.getByRole('alert');
        await banner.getByText(headline).waitFor();
        assert.match(await banner.innerText(), /What to do: /);
        complaints = [];
      });
    }

    it('tells when its server is gone, whatever it was doing', async () => {
      const own = await startDemo({ files: await ensurePage() });
      try {
        await open('serve', { url: own.url });
        await page.getByRole('button', { name: 'Start serving' }).click();
        await page.locator('.serve .command').first().waitFor();
      } finally {
        await own.stop();
      }
      await page.getByRole('alert').getByText('The demo’s server is gone').waitFor();
      await page.getByRole('button', { name: 'Start serving' }).waitFor();
      await page.getByRole('link', { name: 'Inspect' }).click();
      await page.locator('[data-target=good]').click();
      await page.getByText('No connection: the relay is gone').waitFor();
      await shoot('server-gone');
      complaints = [];
    });

    it('is for the keyboard, too', async () => {
      await open('inspect');
      await panelHeading().waitFor();
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
      await page.getByRole('link', { name: 'Prove' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Prove that nobody reads along' }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
      assert.equal(await page.locator('.tabs a[aria-current=page]').count(), 1);
    });

    it('has a name for every control, on each panel', async () => {
      await open('inspect');
      for (const name of ['Inspect', 'Query', 'Serve', 'Prove']) {
        await page.getByRole('link', { name }).click();
        await page.getByRole('link', { name }).and(page.locator('[aria-current=page]')).waitFor();
        for (const control of await page.locator('input:visible, select:visible, textarea:visible').all()) {
          const labels = await control.evaluate((element) => [...element.labels].map((label) => label.textContent));
          assert.ok(labels.join('').trim() !== '', await control.evaluate((element) => element.outerHTML));
        }
      }
    });

    for (const colorScheme of ['light', 'dark']) {
      it(`fits 360 pixels, ${colorScheme}`, async () => {
        await open('inspect', { viewport: { width: 360, height: 740 }, colorScheme });
        for (const name of Object.keys(panels)) {
          await usePanel(page, name);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.equal(width, 360, name);
          await shoot(`${name.toLowerCase()}-360-${colorScheme}`);
        }
      });
    }

    it('remembers the colours that were chosen', async () => {
      await open('inspect', { colorScheme: 'light' });
      await page.getByLabel('Dark').check({ force: true });
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await background();
      await page.reload();
      await panelHeading().waitFor();
      assert.equal(await background(), dark);
      await page.getByLabel('Auto').check({ force: true });
      assert.notEqual(await background(), dark);
    });
  });

  it('does all of it in Firefox, too', async function () {
    this.timeout(120_000);
    const context = await (await theBrowser('firefox')).newContext();
    try {
      const firefox = await context.newPage();
      firefox.on('pageerror', (error) => complaints.push(error.message));
      await firefox.setViewport({ width: 1280, height: 900 });
      await firefox.goto(demo.url);
      /** Clicks, and waits for what comes of it. */
      const press = async (button, outcome) => {
        await (await firefox.waitForSelector(button)).click();
        await firefox.waitForSelector(outcome);
      };
      await press('[data-target=good]', '.inspect .notice.good');
      await press('.tabs a[href="#serve"]', '.serve');
      await press('.serve button.primary', '[data-action=visit]');
      await press('[data-action=visit]', '.log tbody tr');
      await press('.tabs a[href="#prove"]', '.prove');
      await press('.prove .address-form button', '.prove .notice.good ~ .direction .records');
      await firefox.select('.prove select:has(option[value="8388608"])', String(8 * 1024 * 1024));
      await press('[data-action=measure]', '.prove table tbody tr');
      await firefox.screenshot({ path: path.join(screenshots, 'prove-firefox.png') });
      await press('.tabs a[href="#query"]', '.query');
      if (await firefox.$('.query textarea')) await press('.query button.primary', '.query tbody tr');
    } finally {
      await context.close();
    }
  });
});

// Which roots are trusted when nobody says: tls.getCACertificates(), tls.setDefaultCACertificates(), the environment and
// the command line. Node has the two functions since 22.15 and 24.5.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { useLeakCheck } from '../support/leaks.mjs';
import { nativeServer } from '../support/native.mjs';
import { fixtures } from '../support/pki.mjs';
import { isNative, tls } from '../support/subject.mjs';

// Not on Node's own: its lists have a certificate twice that is in two files, and with --use-openssl-ca leave out the
// machine's; and it may not have the functions.
(isNative ? describe.skip : describe)('default roots', () => {
  const use = useCleanup();
  useLeakCheck();
  const pki = fixtures();
  const identity = { key: pki.serverEcdsa.key, cert: pki.serverEcdsa.cert };
  const ca = String(pki.ca.cert);
  const otherCa = String(pki.otherCa.cert);
  const fingerprint = (pem) => new X509Certificate(pem).fingerprint256;
  const fingerprints = (list) => list.map(fingerprint);

  describe('setDefaultCACertificates()', () => {
    const before = tls.getCACertificates?.();
    afterEach(() => tls.setDefaultCACertificates(before));

    async function verdict(options = {}, instance = tls) {
      const { port } = await use(nativeServer(identity));
      const socket = instance.connect({ port, host: '127.0.0.1', servername: 'localhost', ...options });
      return new Promise((resolve) => {
        socket.on('error', (error) => resolve(error.code));
        socket.on('secureConnect', () => (socket.destroy(), resolve('trusted')));
      });
    }
    const untrusted = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';

    it('decides for contexts made from now on', async () => {
      assert.equal(await verdict(), untrusted);
      const old = tls.createSecureContext();
      tls.setDefaultCACertificates([ca]);
      assert.equal(await verdict(), 'trusted');
      assert.equal(await verdict({ secureContext: old }), untrusted);
      const trusting = tls.createSecureContext();
      tls.setDefaultCACertificates([otherCa]);
      assert.equal(await verdict(), untrusted);
      assert.equal(await verdict({ secureContext: trusting }), 'trusted');
      tls.setDefaultCACertificates([]);
      assert.equal(await verdict(), untrusted);
    });

    it('does not concern a context with a ca of its own', async () => {
      tls.setDefaultCACertificates([ca]);
      assert.equal(await verdict({ ca: otherCa }), untrusted);
      tls.setDefaultCACertificates([]);
      assert.equal(await verdict({ ca }), 'trusted');
    });

    it('does not concern another instance', async () => {
      const other = tls.createTls();
      other.setDefaultCACertificates([ca]);
      assert.equal(await verdict({}, other), 'trusted');
      assert.equal(await verdict(), untrusted);
      assert.deepEqual(fingerprints(other.getCACertificates()), [fingerprint(ca)]);
    });

    const forms = {
      'strings': [ca, otherCa],
      'Buffers': [Buffer.from(ca), Buffer.from(otherCa)],
      'a DataView': [new DataView(new Uint8Array(Buffer.from(ca + otherCa)).buffer)],
      'bundles with text between': [`one\n${ca}two\n${otherCa}three`],
      'the old label': [ca.replaceAll(' CERT', ' X509 CERT'), otherCa],
      'repetitions': [ca, ca, otherCa, ca],
      'something else among them': [ca, 'nothing', otherCa, String(pki.ca.key)],
    }; // prettier-ignore
    for (const [name, certs] of Object.entries(forms)) {
      it(`takes ${name}`, () => {
        assert.equal(tls.setDefaultCACertificates(certs), undefined);
        assert.deepEqual(fingerprints(tls.getCACertificates()).sort(), [fingerprint(ca), fingerprint(otherCa)].sort());
        for (const pem of tls.getCACertificates()) assert.match(pem, /^-----BEGIN C[^]*\n-----END CERTIFICATE-----\n$/);
      });
    }

    const malformed = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const wrong = [
      [undefined, TypeError, 'ERR_INVALID_ARG_TYPE', /^The "certs" argument must be an instance of Array. Received un/],
      ['x', TypeError, 'ERR_INVALID_ARG_TYPE', /^The "certs" argument must be an instance of Array. Received type str/],
      [{}, TypeError, 'ERR_INVALID_ARG_TYPE', /^The "certs" argument must be an instance of Array. Received an inst/],
      [[1], TypeError, 'ERR_INVALID_ARG_TYPE',
        /^The "certs\[0\]" argument must be of type string or an instance of ArrayBufferView. Received type number \(1\)$/],
      [new Array(1), TypeError, 'ERR_INVALID_ARG_TYPE', /^The "certs\[0\]" argument .* Received undefined$/],
      [['x', Buffer.from('y')], Error, 'ERR_CRYPTO_OPERATION_FAILED',
        /^No valid certificates found in the provided array$/],
      [[ca.replaceAll(' CERT', ' TRUSTED CERT')], Error, 'ERR_CRYPTO_OPERATION_FAILED', /^No valid certificates found/],
      [[ca, malformed], Error, 'ERR_OSSL_PEM_ASN1_LIB', /^error:/],
    ]; // prettier-ignore
    wrong.forEach(([certs, Class, code, message], index) => {
      it(`refuses ${JSON.stringify(certs)?.slice(0, 40)} (${index}), and keeps what was`, () => {
        tls.setDefaultCACertificates([otherCa]);
        assert.throws(() => tls.setDefaultCACertificates(certs), { constructor: Class, code, message });
        assert.deepEqual(fingerprints(tls.getCACertificates()), [fingerprint(otherCa)]);
      });
    });
  });

  describe('getCACertificates()', () => {
    it('gives frozen lists, the same each time', () => {
      for (const type of [undefined, 'default', 'bundled', 'system', 'extra']) {
        const list = tls.getCACertificates(type);
        assert.ok(Object.isFrozen(list));
        assert.equal(tls.getCACertificates(type), list);
      }
      assert.equal(tls.getCACertificates(), tls.getCACertificates('default'));
      assert.equal(tls.getCACertificates('bundled'), tls.rootCertificates);
    });

    it('are there on Node without waiting', async () => {
      const { length } = tls.rootCertificates;
      assert.ok(length > 100);
      assert.equal(await tls.loadRootCertificates(), undefined);
    });

    it('refuses other types', () => {
      const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      const message = 'The "type" argument must be of type string. Received ';
      assert.throws(() => tls.getCACertificates(null), { ...type, message: `${message}null` });
      assert.throws(() => tls.getCACertificates(1), { ...type, message: `${message}type number (1)` });
      const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
      assert.throws(() => tls.getCACertificates('x'), {
        ...value,
        message: "The argument 'type' is invalid. Received 'x'",
      });
      assert.throws(() => tls.getCACertificates(''), value);
    });
  });

  describe('the environment', () => {
    const none = {
      NODE_EXTRA_CA_CERTS: '',
      SSL_CERT_FILE: '',
      SSL_CERT_DIR: '',
      NODE_USE_SYSTEM_CA: '',
      NODE_OPTIONS: '',
    };

    /** What a process says of its lists: { default, bundled, system, extra } as fingerprints; and its stderr. */
    async function lists(env, flags = [], extra = '') {
      const script = `
        const tls = require('wasm-tls');
        const { X509Certificate } = require('node:crypto');
        ${extra};
        const lists = {};
        for (const type of ['default', 'bundled', 'system', 'extra']) {
          lists[type] = tls.getCACertificates(type).map((pem) => new X509Certificate(pem).fingerprint256);
        }
        console.log(JSON.stringify(lists));
      `;
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '-e', script], {
        cwd: new URL('.', import.meta.url),
        env: { ...process.env, ...none, ...env },
        maxBuffer: 1 << 24,
      });
      return { ...JSON.parse(stdout), stderr };
    }

    it('without any: Mozilla’s', async () => {
      const { default: defaults, bundled, system, extra, stderr } = await lists({});
      assert.ok(bundled.length > 100);
      assert.deepEqual(defaults, bundled);
      assert.deepEqual([system, extra, stderr], [[], [], '']);
    });

    it('NODE_EXTRA_CA_CERTS adds', async () => {
      const { default: defaults, bundled, extra } = await lists({ NODE_EXTRA_CA_CERTS: pki.ca.certPath });
      assert.deepEqual(extra, [fingerprint(ca)]);
      assert.deepEqual(defaults, [...bundled, fingerprint(ca)]);
    });

    it('NODE_EXTRA_CA_CERTS is believed in a handshake', async () => {
      const { port } = await use(nativeServer(identity));
      const connect = `tls.connect({ port: ${port}, host: '127.0.0.1', servername: 'localhost' })
        .on('error', (error) => console.error(error.code))
        .on('secureConnect', function () { console.error('trusted'); this.destroy(); })`;
      assert.equal((await lists({ NODE_EXTRA_CA_CERTS: pki.ca.certPath }, [], connect)).stderr.trim(), 'trusted');
      const { stderr } = await lists({}, [], connect);
      assert.equal(stderr.trim(), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });

    it('NODE_EXTRA_CA_CERTS is read at the start', async () => {
      const late = `process.env.NODE_EXTRA_CA_CERTS = ${JSON.stringify(pki.ca.certPath)}`;
      assert.deepEqual((await lists({}, [], late)).extra, []);
    });

    it('a file that cannot be read, or is malformed: a warning', async () => {
      const directory = await use(temporaryDirectory());
      writeFileSync(directory.file('bad'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
      for (const file of [directory.file('missing'), directory.file('bad')]) {
        const { default: defaults, bundled, extra, stderr } = await lists({ NODE_EXTRA_CA_CERTS: file });
        assert.deepEqual([extra, defaults], [[], bundled]);
        const sentence = `Warning: Ignoring extra certs from \`${file}\`, load failed: `;
        // Node says it, too, when it starts.
        const ours = stderr.split('\n').filter((line) => line.includes(sentence) && line.startsWith('(node:'));
        assert.equal(ours.length, 1, stderr);
        if (file.endsWith('missing')) assert.ok(ours[0].endsWith('load failed: No such file or directory'), ours[0]);
      }
    });

    it('SSL_CERT_FILE, SSL_CERT_DIR: what the machine trusts, each once', async () => {
      const directory = await use(temporaryDirectory());
      mkdirSync(directory.file('empty'));
      writeFileSync(directory.file('other.pem'), otherCa);
      symlinkSync('other.pem', directory.file('0a1b2c3d.0'));
      symlinkSync('nowhere', directory.file('dangling.pem'));
      writeFileSync(directory.file('readme'), 'no certificate');
      const cases = [
        [{ SSL_CERT_FILE: pki.ca.certPath }, [ca]],
        [{ SSL_CERT_DIR: directory.path }, [otherCa]],
        [{ SSL_CERT_FILE: pki.ca.certPath, SSL_CERT_DIR: directory.path }, [ca, otherCa]],
        [{ SSL_CERT_FILE: directory.file('other.pem'), SSL_CERT_DIR: directory.path }, [otherCa]],
        [{ SSL_CERT_DIR: `${directory.file('empty')}:${directory.path}` }, [otherCa]],
        [{ SSL_CERT_FILE: directory.file('missing') }, []],
      ]; // prettier-ignore
      for (const [env, expected] of cases) {
        const { default: defaults, bundled, system, stderr } = await lists(env);
        assert.deepEqual(system, expected.map(fingerprint));
        assert.deepEqual([defaults, stderr], [bundled, '']);
      }
      const { system, stderr } = await lists({ SSL_CERT_DIR: directory.file('missing') });
      assert.deepEqual(system, []);
      assert.match(stderr, /Cannot open directory .*missing to load OpenSSL certificates\./);
    });

    const accepted = process.allowedNodeEnvironmentFlags;
    const extraToo = { SSL_CERT_FILE: pki.ca.certPath, NODE_EXTRA_CA_CERTS: pki.otherCa.certPath };
    const [mine, added] = [fingerprint(ca), fingerprint(otherCa)];
    const flags = {
      '--use-bundled-ca': (bundled) => [...bundled, added],
      '--use-openssl-ca': () => [mine, added],
      '--use_openssl_ca': () => [mine, added],
      '--use-system-ca': (bundled) => [...bundled, mine, added],
    };
    for (const [flag, expected] of Object.entries(flags)) {
      (accepted.has(flag) ? it : it.skip)(flag, async () => {
        const { default: defaults, bundled } = await lists(extraToo, [flag]);
        assert.deepEqual(defaults, expected(bundled));
        assert.deepEqual((await lists({ ...extraToo, NODE_OPTIONS: flag })).default, expected(bundled));
      });
    }

    it('NODE_USE_SYSTEM_CA, where Node knows the option', async () => {
      const { default: defaults, bundled } = await lists({ ...extraToo, NODE_USE_SYSTEM_CA: '1' });
      const system = accepted.has('--use-system-ca') ? [mine] : [];
      assert.deepEqual(defaults, [...bundled, ...system, added]);
    });

    (accepted.has('--use-system-ca') ? it : it.skip)('--no-use-system-ca', async () => {
      const both = ['--use-system-ca', '--no-use-system-ca'];
      for (const [env, given] of [
        [{}, both],
        [{ NODE_USE_SYSTEM_CA: '1' }, both.slice(1)],
        [{ NODE_OPTIONS: both[0] }, both.slice(1)],
      ]) {
        const { default: defaults, bundled } = await lists({ ...extraToo, ...env }, given);
        assert.deepEqual(defaults, [...bundled, added]);
      }
    });

    it('--use-openssl-ca: the machine’s roots are believed', async () => {
      const { port } = await use(nativeServer(identity));
      const connect = `tls.connect({ port: ${port}, host: '127.0.0.1', servername: 'localhost' })
        .on('error', (error) => console.error(error.code))
        .on('secureConnect', function () { console.error('trusted'); this.destroy(); })`;
      const { stderr } = await lists({ SSL_CERT_FILE: pki.ca.certPath }, ['--use-openssl-ca'], connect);
      assert.equal(stderr.trim(), 'trusted');
    });
  });
});

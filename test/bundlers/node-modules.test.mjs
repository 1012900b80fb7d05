// The modules that stand in for Node's, beside Node's own: they are JavaScript, so Node can load them as well.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const folder = new URL('../../dist/browser/node/', import.meta.url);
const modules = JSON.parse(fs.readFileSync(new URL('modules.json', folder), 'utf8'));
const load = async (name) => (await import(new URL(`${modules[name]}.js`, folder))).default;

/** What both make of the same call: a value, or the code of what is thrown. */
function outcome(work) {
  try {
    return { value: work() };
  } catch (error) {
    return { code: error.code ?? error.name };
  }
}

/** Names of Node's that are missing, not even to be refused. */
function missing(ours, name) {
  const unread = { tls: ['rootCertificates'], module: ['globalPaths'] }[name] ?? [];
  const names = Object.keys(require(name)).filter((key) => /^[A-Za-z]/.test(key) && !unread.includes(key));
  return names.filter((key) => !(key in ours));
}

describe('modules in the place of Node’s', function suite() {
  this.timeout(30_000);

  it('have every name that Node has', async () => {
    for (const name of Object.keys(modules).filter(
      (one) => !['process', 'punycode', 'sqlite', 'sys', 'wasi', 'console'].includes(one),
    )) {
      assert.deepEqual(missing(await load(name), name), [], name);
    }
  });

  it('crypto: digests, HMACs and what is derived', async () => {
    const [ours, nodes] = [await load('crypto'), await import('node:crypto')];
    const both = (work) => assert.deepEqual(outcome(() => work(ours)), outcome(() => work(nodes))); // prettier-ignore
    for (const name of ['md5', 'sha1', 'SHA256', 'sha384', 'sha512', 'RSA-SHA256', 'sha512-256', 'ripemd160']) {
      both((crypto) => crypto.createHash(name).update('abc').update(Buffer.from('def')).digest('hex'));
      both((crypto) => crypto.createHmac(name, 'key').update('grün', 'utf8').digest('base64'));
    }
    both((crypto) => crypto.createHash('sha256').copy().digest('hex'));
    both((crypto) => crypto.pbkdf2Sync('password', 'salt', 1000, 40, 'sha512').toString('hex'));
    both((crypto) => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('b')));
    both((crypto) => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('bc')));
    both((crypto) => {
      const hash = crypto.createHash('md5');
      hash.digest();
      return hash.digest();
    });
    const derived = new Promise((resolve) => ours.pbkdf2('p', 's', 10, 20, 'sha256', (_, key) => resolve(key)));
    assert.equal((await derived).toString('hex'), nodes.pbkdf2Sync('p', 's', 10, 20, 'sha256').toString('hex'));
    const stream = ours.createHash('sha1');
    stream.end('abc');
    assert.equal((await once(stream, 'data'))[0].toString('hex'), nodes.createHash('sha1').update('abc').digest('hex'));
  });

  it('crypto: random numbers', async () => {
    const crypto = await load('crypto');
    assert.equal(crypto.randomBytes(100_000).length, 100_000);
    assert.match(crypto.randomUUID(), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    for (let i = 0; i < 100; ++i) assert.ok([3, 4, 5].includes(crypto.randomInt(3, 6)));
    assert.throws(() => crypto.randomInt(0), { code: 'ERR_OUT_OF_RANGE' });
  });

  it('util', async () => {
    const [ours, nodes] = [await load('util'), await import('node:util')];
    const both = (work) => assert.deepEqual(outcome(() => work(ours)), outcome(() => work(nodes))); // prettier-ignore
    both((util) => util.format('%s %d %i %f %j %% %c', 'a', '1.5', '2.5', '3.5', { a: 1 }, 'css', 'rest', 4));
    both((util) => util.format('%s', 10n, Symbol('s'), null, undefined));
    both((util) => util.format(1, 'a', true));
    both((util) =>
      util.isDeepStrictEqual({ a: [1, new Map([[1, new Set([2])]])] }, { a: [1, new Map([[1, new Set([2])]])] }),
    );
    both((util) => util.isDeepStrictEqual([1, , 3], [1, undefined, 3])); // eslint-disable-line no-sparse-arrays
    both((util) => util.isDeepStrictEqual(new Date(1), new Date(2)));
    both((util) => util.isDeepStrictEqual(Buffer.from('a'), Buffer.from('a')));
    both((util) => util.types.isPromise(Promise.resolve()) && !util.types.isDate({}) && util.types.isRegExp(/x/));
    both((util) => util.stripVTControlCharacters('\u001b[31mred\u001b[0m'));
    const add = ours.promisify((a, b, callback) => callback(null, a + b));
    assert.equal(await add(1, 2), 3);
    await assert.rejects(ours.promisify((callback) => callback(new Error('no')))(), /no/);
  });

  it('url and querystring', async () => {
    for (const text of [
      'smtps://u%40x:p@host:465/?pool=true&a=b',
      'redis://:pw@[::1]:6379/2',
      'http://a/b?c#d',
      '//host/path',
    ]) {
      const [ours, nodes] = [await load('url'), await import('node:url')].map((url) => ({
        ...url.parse(text, false, true),
      }));
      assert.deepEqual(JSON.stringify(ours), JSON.stringify(nodes), text);
    }
    const url = await load('url');
    assert.equal(url.resolve('http://a/b/c', '../d'), 'http://a/d');
    assert.equal(url.domainToASCII('bücher.example'), 'xn--bcher-kva.example');
    assert.equal(url.domainToUnicode('xn--bcher-kva.example'), 'bücher.example');
    const [ours, nodes] = [await load('querystring'), await import('node:querystring')];
    for (const text of ['a=1&b=2&a=3', 'a=%zz&b', '=x&y=+z%20', '', 'a=b=c']) {
      assert.deepEqual({ ...ours.parse(text) }, { ...nodes.parse(text) }, text);
    }
    assert.equal(
      ours.stringify({ a: [1, 'ü'], b: "x y'", c: null }),
      nodes.stringify({ a: [1, 'ü'], b: "x y'", c: null }),
    );
  });

  it('dns: a name is its own address, and nothing is resolved', async () => {
    const dns = await load('dns');
    const lookup = (...args) => new Promise((resolve) => dns.lookup(...args, (...answer) => resolve(answer)));
    assert.deepEqual(await lookup('db.example'), [null, 'db.example', 4]);
    assert.deepEqual(await lookup('::1', { all: true }), [null, [{ address: '::1', family: 6 }]]);
    assert.deepEqual(await dns.promises.lookup('db.example'), { address: 'db.example', family: 4 });
    await assert.rejects(dns.promises.resolveSrv('db.example'), { code: 'ENOTIMP' });
    const error = await new Promise((resolve) => new dns.Resolver().resolve4('db.example', resolve));
    assert.equal(error.code, 'ENOTIMP');
  });

  it('assert', async () => {
    const [ours, nodes] = [await load('assert'), await import('node:assert')];
    const both = (work) => assert.deepEqual(outcome(() => work(ours)), outcome(() => work(nodes.default))); // prettier-ignore
    both((check) => check(1));
    both((check) => check(0, 'message'));
    both((check) => check.equal(1, '1'));
    both((check) => check.strictEqual(1, '1'));
    both((check) => check.deepEqual({ a: '1' }, { a: 1 }));
    both((check) => check.deepStrictEqual({ a: '1' }, { a: 1 }));
    both((check) => check.throws(() => { throw new TypeError('x'); }, TypeError)); // prettier-ignore
    both((check) => check.throws(() => {}, TypeError));
    both((check) => check.throws(() => { throw new TypeError('x'); }, { message: 'y' })); // prettier-ignore
    both((check) => check.ifError(null));
  });

  it('timers and events', async () => {
    const timers = await load('timers');
    const { setImmediate, clearImmediate } = timers;
    const heard = [];
    timers.clearTimeout(timers.setTimeout(() => heard.push('cleared')));
    await new Promise((resolve) => timers.setTimeout(resolve, 1).unref().refresh());
    clearImmediate(setImmediate(() => heard.push('cleared')));
    await new Promise((resolve) => setImmediate((text) => { heard.push(text); resolve(); }, 'called')); // prettier-ignore
    assert.deepEqual(heard, ['called']);
    const { channel, tracingChannel } = await load('diagnostics_channel');
    channel('name').subscribe((message) => heard.push(message));
    channel('name').publish('told');
    const traced = tracingChannel('work');
    traced.subscribe({ asyncEnd: ({ result }) => heard.push(result) });
    assert.equal(await traced.tracePromise(() => Promise.resolve('done'), {}), 'done');
    assert.deepEqual(heard, ['called', 'told', 'done']);
  });

  it('refuse each in its manner', async () => {
    const refused = { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' };
    const [fs_, http, crypto] = [await load('fs'), await load('http'), await load('crypto')];
    assert.throws(() => fs_.readFileSync('x'), refused);
    await assert.rejects(fs_.promises.readFile('x'), refused);
    assert.equal((await new Promise((resolve) => fs_.readFile('x', resolve))).code, refused.code);
    assert.equal((await once(fs_.createReadStream('x').resume(), 'error'))[0].code, refused.code);
    class Agent extends http.Agent {}
    assert.throws(() => new Agent(), refused);
    assert.throws(() => crypto.createSign('sha256'), {
      ...refused,
      message: 'crypto.createSign is not available in a browser',
    });
    assert.equal(http.STATUS_CODES[404], 'Not Found');
  });
});

// Which targets a relay reaches: patterns, spellings of hosts, and addresses, checked before anything is connected.

import assert from 'node:assert/strict';

import { parseRoute, parseTarget } from '../../dist/relay/access.js';
import { classifyAddress } from '../../dist/relay/address-policy.js';
import { AllowList, PortSet } from '../../dist/relay/allow-list.js';
import { normalizeHost } from '../../dist/relay/hosts.js';
import { LookupQueue, TargetResolver } from '../../dist/relay/resolver.js';
import { completeSettings } from '../../dist/relay/settings.js';

const publicAddress = { address: '93.184.216.34', family: 4 };
const answers = {
  'public.example': [publicAddress, { address: '2606:2800:220:1::1', family: 6 }],
  'private.example': [{ address: '192.168.1.1', family: 4 }],
  'mixed.example': [publicAddress, { address: '10.0.0.1', family: 4 }],
  'mapped.example': [{ address: '::ffff:169.254.169.254', family: 6 }],
  'none.example': [],
  localhost: [{ address: '127.0.0.1', family: 4 }],
};

/** What becomes of a target: its addresses, or why it is refused. */
async function judge(host, port, options = {}, queue = new LookupQueue()) {
  const lookup = (name) => Promise.resolve(answers[name] ?? []);
  const resolver = new TargetResolver(completeSettings({ allow: ['*:*'], lookup, ...options }));
  try {
    return await resolver.resolve(host, port, queue);
  } catch (error) {
    return error.refusal ?? error.code;
  }
}

describe('hosts', () => {
  const table = [
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['localhost.', 'localhost'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['under_score.example', 'under_score.example'],
    ['127.0.0.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f000001.', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['[::FFFF:a00:1]', '10.0.0.1'],
    ['0:0:0:0:0:ffff:7f00:1', '127.0.0.1'],
    ['2001:DB8::0001', '2001:db8::1'],
  ];
  for (const [given, normal] of table) it(`${given} is ${normal}`, () => assert.equal(normalizeHost(given), normal));

  const wrong = [
    '',
    '.',
    '..',
    'a..b',
    'a b',
    'a%2eb',
    '256.1.1.1',
    '1.2.3.4.5',
    '0x7g.1',
    '[127.0.0.1]',
    '[::1',
    '::1%lo',
  ];
  const more = [
    '[fe80::1%25eth0]',
    'a/b',
    'user@host',
    'host:80',
    'a\0b',
    'a\r\nb',
    '%31',
    `${'a'.repeat(64)}.example`,
  ];
  for (const given of [...wrong, ...more, `${'a.'.repeat(127)}aa`]) {
    it(`${JSON.stringify(given.slice(0, 40))} is none`, () => assert.equal(normalizeHost(given), null));
  }
});

describe('addresses', () => {
  const classes = {
    public: ['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'],
    private: [
      ...['10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
      ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
      ...['::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '2001::1'],
      ...['2001:db8::1', '2002:7f00:1::', '3fff::1', 'fc00::1', 'fd12::1', 'fe80::1', 'febf::1', 'fec0::1', '4000::1'],
      ...['100::1', '5f00::1'],
    ],
    unreachable: [
      '0.0.0.0',
      '0.1.2.3',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '::',
      'ff02::1',
    ],
  };
  for (const [kind, addresses] of Object.entries(classes)) {
    for (const address of addresses) it(`${address} is ${kind}`, () => assert.equal(classifyAddress(address), kind));
  }

  it('what is no address is not reached', () => assert.equal(classifyAddress('example.com'), 'unreachable'));
});

describe('the allow-list', () => {
  const allows = (pattern, host, port) => new AllowList([pattern]).allows(host, port);

  it('is empty by default', async () => {
    assert.equal(await judge('public.example', 443, { allow: [] }), 'not-allowed');
  });

  it('takes names, whole', () => {
    assert.ok(allows('Example.com:443', 'example.com', 443));
    assert.ok(!allows('example.com:443', 'www.example.com', 443));
    assert.ok(!allows('example.com:443', 'example.com.evil.test', 443));
    assert.ok(!allows('example.com:443', 'notexample.com', 443));
  });

  it('takes what is below a name', () => {
    assert.ok(allows('*.example.com:443', 'a.b.example.com', 443));
    assert.ok(!allows('*.example.com:443', 'example.com', 443));
    assert.ok(!allows('*.example.com:443', 'evilexample.com', 443));
  });

  it('takes addresses in any spelling', () => {
    assert.ok(allows('[2001:db8:0::1]:80', '2001:db8::1', 80));
    assert.ok(allows('0x7f.1:80', '127.0.0.1', 80));
    assert.ok(!allows('127.0.0.1:80', '127.0.0.2', 80));
  });

  it('takes lists and ranges of ports', () => {
    for (const port of [80, 443, 8000, 8999]) assert.ok(allows('*:80,443,8000-8999', 'x', port), String(port));
    for (const port of [79, 81, 7999, 9000]) assert.ok(!allows('*:80,443,8000-8999', 'x', port), String(port));
    assert.ok(allows('x:*', 'x', 1) && allows('x:*', 'x', 65535));
  });

  it('refuses what is no pattern', () => {
    const patterns = ['', 'example.com', ':443', '*', 'a*b:1', '*.*:1', '*.127.0.0.1:1', '::1:80', 'x:0', 'x:65536'];
    for (const pattern of [...patterns, 'x:2-1', 'x:1-', 'x:http', 'x:', 'http://x:80', 'x:80/path']) {
      assert.throws(() => new AllowList([pattern]), TypeError, pattern);
    }
  });

  it('knows 0 only where it means any port', () => {
    assert.ok(new PortSet('0', { any: 0 }).has(0));
    assert.ok(!new PortSet('*', { any: 0 }).has(0));
    assert.throws(() => new PortSet('0'), TypeError);
    assert.throws(() => new PortSet('0-10', { any: 0 }), TypeError);
  });
});

describe('targets', () => {
  const disguises = [
    '127.0.0.1',
    '[::1]',
    '::1',
    'localhost',
    'localhost.',
    'LOCALHOST',
    '0x7f.1',
    '2130706433',
    '127.1',
  ];
  const more = [
    '0177.0.0.1',
    '::ffff:10.0.0.1',
    '[::ffff:7f00:1]',
    '10.0.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
  ];
  for (const host of [
    ...disguises,
    ...more,
    'private.example',
    'mixed.example',
    'mapped.example',
    '[64:ff9b::7f00:1]',
  ]) {
    it(`${host} is private, and reached only where private addresses may be`, async () => {
      assert.equal(await judge(host, 80), 'private-address');
      assert.ok(Array.isArray(await judge(host, 80, { allowPrivate: true })));
    });
  }

  for (const host of ['0.0.0.0', '[::]', '255.255.255.255', '224.0.0.1', '[ff02::1]']) {
    it(`${host} is never reached`, async () => {
      assert.equal(await judge(host, 80, { allowPrivate: true }), 'unreachable-address');
    });
  }

  it('a public name gives all of its addresses', async () => {
    assert.deepEqual(await judge('public.example', 443), ['93.184.216.34', '2606:2800:220:1::1']);
  });

  it('a name without an address is ENOTFOUND', async () => {
    assert.equal(await judge('none.example', 443), 'ENOTFOUND');
  });

  it('what is no host or port 0 is invalid', async () => {
    assert.equal(await judge('a b', 443), 'invalid-target');
    assert.equal(await judge('public.example', 0), 'invalid-target');
  });

  it('a name that is not allowed is not resolved', async () => {
    const asked = [];
    const lookup = (name) => Promise.resolve(asked.push(name) && [publicAddress]);
    assert.equal(await judge('other.example', 443, { allow: ['public.example:443'], lookup }), 'not-allowed');
    assert.equal(await judge('public.example', 80, { allow: ['public.example:443'], lookup }), 'not-allowed');
    assert.deepEqual(asked, []);
  });

  it('an address does not pass for a name that resolves to it', async () => {
    assert.equal(await judge('93.184.216.34', 443, { allow: ['public.example:443'] }), 'not-allowed');
  });

  it('who asks for a name while it is being resolved waits for the same answer', async () => {
    let asked = 0;
    let answer;
    const lookup = () => new Promise((resolve) => ((answer = resolve), asked++));
    const resolver = new TargetResolver(completeSettings({ allow: ['*:*'], lookup }));
    const both = Promise.all([1, 2].map((port) => resolver.resolve('x.example', port, new LookupQueue())));
    await null;
    answer([publicAddress]);
    assert.deepEqual(await both, [['93.184.216.34'], ['93.184.216.34']]);
    assert.equal(asked, 1);
  });

  it('one client has two lookups at a time, others wait their turn', async () => {
    const answerers = new Map();
    const lookup = (name) => new Promise((resolve) => answerers.set(name, () => resolve([publicAddress])));
    const resolver = new TargetResolver(completeSettings({ allow: ['*:*'], lookup }));
    const queue = new LookupQueue();
    const names = ['a', 'b', 'c', 'd'];
    const all = names.map((name) => resolver.resolve(name, 1, queue));
    const other = resolver.resolve('e', 1, new LookupQueue());
    await null;
    assert.deepEqual([...answerers.keys()], ['a', 'b', 'e']);
    for (const [index, name] of names.entries()) {
      answerers.get(name)();
      await all[index];
      await new Promise(setImmediate);
    }
    answerers.get('e')();
    assert.equal((await Promise.all([...all, other])).length, 5);
  });
});

describe('paths', () => {
  const table = [
    ['/', '/', { token: null, target: null }],
    ['/?token=a.b', '/', { token: 'a.b', target: null }],
    ['/secret/', '/', { token: 'secret', target: null }],
    ['/example.com:443', '/', { token: null, target: 'example.com:443' }],
    ['/secret/example.com:443?token=other', '/', { token: 'secret', target: 'example.com:443' }],
    ['/wisp/%5B::1%5D:443', '/wisp/', { token: null, target: '[::1]:443' }],
    ['/wisp', '/wisp/', null],
    ['/other/', '/wisp/', null],
    ['/a/b/', '/', null],
    ['/%', '/', null],
  ];
  for (const [url, path, route] of table)
    it(`${url} below ${path}`, () => assert.deepEqual(parseRoute(url, path), route));

  it('a target is HOST:PORT', () => {
    assert.deepEqual(parseTarget('example.com:443'), { host: 'example.com', port: 443 });
    assert.deepEqual(parseTarget('[::1]:1'), { host: '[::1]', port: 1 });
    for (const text of ['example.com', 'x:0', 'x:65536', 'x:', ':1', '::1:80', 'x:1:2', 'x:-1']) {
      assert.equal(parseTarget(text), null, text);
    }
  });
});

describe('options', () => {
  const refused = [
    [{ hots: 'x' }, /'hots'/],
    [{ port: 70000 }, /'port'/],
    [{ path: 'x' }, /'path'/],
    [{ path: '/x' }, /'path'/],
    [{ allow: ['x'] }, /HOST:PORTS/],
    [{ origins: ['example.com'] }, /origin/],
    [{ tokens: ['a/b'] }, /'tokens'/],
    [{ tokens: [''] }, /'tokens'/],
    [{ credentials: [{ username: 'a', password: '' }] }, /'credentials'/],
    [{ allowListen: 'x' }, /port/],
    [{ listenHosts: ['localhost'] }, /'listenHosts'/],
    [{ listenHosts: [] }, /'listenHosts'/],
    [{ limits: { streems: 1 } }, /'limits.streems'/],
    [{ limits: { streams: 0 } }, /'limits.streams'/],
    [{ limits: { frameBytes: 10 } }, /'limits.frameBytes'/],
    [{ timeouts: { connect: 0 } }, /'timeouts.connect'/],
    [{ timeouts: { ping: 1.5 } }, /'timeouts.ping'/],
    [{ metrics: 'x' }, /'metrics'/],
    [{ metrics: '70000' }, /'metrics'/],
    [{ logLevel: 'loud' }, /'logLevel'/],
  ];
  for (const [options, message] of refused) {
    it(`${JSON.stringify(options)} is refused`, () => {
      assert.throws(() => completeSettings(options), { name: 'TypeError', message });
    });
  }

  it('are safe when nothing is said', () => {
    const settings = completeSettings({});
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.allowPrivate, false);
    assert.equal(settings.allowListen, null);
    assert.equal(settings.metrics, null);
    assert.ok(!settings.allow.allows('example.com', 443));
  });
});

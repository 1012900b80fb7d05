// checkServerIdentity(): the same verdict and words as Node's, over a table.

import assert from 'node:assert/strict';
import nativeTls from 'node:tls';

import { isNative, tls } from '../support/subject.mjs';

const hosts = ['a.com', 'A.COM', 'a.com.', 'b.a.com', 'c.b.a.com', 'xn--bcher-kva.de', '', '*.a.com', '127.0.0.1', '::1',
  '0:0:0:0:0:0:0:1', '8.8.8.8', 'localhost', 'münchen.de', 'a.b.com', 'foo.com', 7]; // prettier-ignore

const certificates = [
  { subject: { CN: 'a.com' } },
  { subject: { CN: '*.a.com' } },
  { subject: { CN: ['x.com', 'a.com'] } },
  { subject: { CN: '' } },
  { subject: { CN: [''] } },
  { subject: {} },
  { subject: undefined },
  {},
  { subject: { CN: '127.0.0.1' } },
  { subject: { CN: 'a.com' }, subjectaltname: 'DNS:b.com' },
  { subject: { CN: 'a.com' }, subjectaltname: 'IP Address:127.0.0.1' },
  { subject: { CN: 'a.com' }, subjectaltname: 'URI:http://a.com/' },
  { subject: {}, subjectaltname: 'DNS:a.com, DNS:*.a.com, IP Address:8.8.8.8, IP Address:0:0:0:0:0:0:0:1' },
  { subject: {}, subjectaltname: 'DNS:*.com' },
  { subject: {}, subjectaltname: 'DNS:*' },
  { subject: {}, subjectaltname: 'DNS:b*.a.com, DNS:*b.a.com, DNS:b*b.a.com' },
  { subject: {}, subjectaltname: 'DNS:xn--*.de' },
  { subject: {}, subjectaltname: 'DNS:a..com, DNS:a.com.' },
  { subject: {}, subjectaltname: 'DNS:*.*.a.com' },
  { subject: {}, subjectaltname: 'DNS:"a.com, DNS:b.com", DNS:foo.com' },
  { subject: {}, subjectaltname: 'DNS:"a.com\\u0000.evil.com"' },
  { subject: {}, subjectaltname: 'email:me@a.com' },
  { subject: { CN: 'a.com' }, subjectaltname: '' },
];

describe('checkServerIdentity()', () => {
  for (const certificate of certificates) {
    it(JSON.stringify(certificate), () => {
      for (const host of hosts) {
        const expected = nativeTls.checkServerIdentity(host, certificate);
        const actual = tls.checkServerIdentity(host, certificate);
        if (expected === undefined) {
          assert.equal(actual, undefined, `for ${host}`);
          continue;
        }
        assert.ok(actual instanceof Error, `${host} must not match`);
        const facts = ({ code, message, reason, host: name, cert, name: kind }) => ({
          code,
          message,
          reason,
          name,
          cert,
          kind,
        });
        assert.deepEqual(facts(actual), facts(expected), `for ${host}`);
        assert.equal(actual.cert, certificate);
      }
    });
  }

  // Newer versions of Node know these, too.
  (isNative ? it.skip : it)('compares domain names in ASCII', () => {
    const names = (subjectaltname) => ({ subject: {}, subjectaltname });
    assert.equal(tls.checkServerIdentity('bücher.de', names('DNS:xn--bcher-kva.de')), undefined);
    // To IDNA, '。' is a dot.
    const { reason, host } = tls.checkServerIdentity('foo。bar.example.com', names('DNS:*.example.com'));
    assert.equal(reason, "Host: foo。bar.example.com. is not in the cert's altnames: DNS:*.example.com");
    assert.equal(host, 'foo。bar.example.com');
  });
});

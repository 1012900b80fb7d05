/** The certificates, the leaf first, and what of them was checked with which result. */
import type { DetailedPeerCertificate } from 'wasm-tls';
import { explain } from '../failures.js';
import { h, spoken, type Child } from '../ui/dom.js';
import { day, fromNow } from '../ui/format.js';
import { chip, facts } from '../ui/parts.js';
import type { Handshake } from './handshake.js';

interface Check {
  good: boolean;
  text: Child;
}

const nameOf = (subject: object): string => {
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] };
  return [CN ?? O ?? 'without a name'].flat().join(', ');
};

const isTimeError = (code: string | null): boolean => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';

/** Errors of OpenSSL are thrown away here but for their code, which is all that these words need. */
const wordsFor = (code: string): string => explain(Object.assign(new Error(code), { code })).headline;

function checks({ chain, chainError, nameError }: Handshake, host: string): Check[] {
  const now = Date.now();
  const untimely = chain.find(({ valid_from: from, valid_to: to }) => Date.parse(from) > now || Date.parse(to) < now);
  const trusted = chainError === null || isTimeError(chainError);
  return [
    {
      good: trusted,
      text: trusted
        ? 'Every signature is good, up to a root that is trusted'
        : `${wordsFor(chainError)} (${chainError})`,
    },
    {
      good: untimely === undefined,
      text:
        untimely === undefined
          ? 'All of them are valid today'
          : `${nameOf(untimely.subject)} is not valid today: from ${day(new Date(untimely.valid_from))} to ${day(new Date(untimely.valid_to))}`,
    },
    { good: nameError === null, text: nameError === null ? `The first one is for ${host}` : nameError },
  ];
}

function checkRow({ good, text }: Check): HTMLElement {
  return h('li', { class: good ? 'check good' : 'check bad' }, spoken(good ? 'Passed: ' : 'Failed: '), text);
}

/** `DNS:localhost, IP Address:127.0.0.1` */
function names(certificate: DetailedPeerCertificate): Child | null {
  const { subjectaltname: text } = certificate;
  if (!text) return null;
  return h(
    'ul',
    { class: 'names' },
    text.split(', ').map((name) => h('li', {}, name.replace(/^(DNS|IP Address|email|URI):/, ''))),
  );
}

function keyOf({ bits, nistCurve, asn1Curve, modulus }: DetailedPeerCertificate & { nistCurve?: string }): string {
  if (modulus) return `RSA, ${bits} bits`;
  if (nistCurve ?? asn1Curve) return `ECDSA, ${nistCurve ?? asn1Curve}`;
  return bits ? `${bits} bits` : 'another kind';
}

function certificateCard(certificate: DetailedPeerCertificate, index: number, length: number): HTMLElement {
  const { subject, issuer, valid_from: from, valid_to: to, serialNumber, fingerprint256 } = certificate;
  const selfIssued = certificate.issuerCertificate === certificate;
  const role = index === 0 ? 'The server' : selfIssued ? 'Root' : 'Intermediate';
  const expired = Date.parse(to) < Date.now();
  const early = Date.parse(from) > Date.now();
  return h(
    'li',
    { class: 'certificate' },
    h('p', { class: 'certificate-role' }, `${index + 1} of ${length} · ${role}`),
    h(
      'h3',
      {},
      nameOf(subject),
      ' ',
      expired ? chip('bad', 'expired') : early ? chip('bad', 'not yet valid') : null,
      index === 0 && selfIssued ? chip('bad', 'self-signed') : null,
    ),
    facts([
      ['Issued by', selfIssued ? 'itself' : nameOf(issuer)],
      ['Valid', `${day(new Date(from))} to ${day(new Date(to))}`],
      [expired ? 'Ran out' : 'Runs out', fromNow(new Date(to))],
      ['For', names(certificate)],
      ['Key', keyOf(certificate)],
    ]),
    h(
      'details',
      {},
      h('summary', {}, 'Serial number and fingerprint'),
      facts([
        ['Serial', h('code', {}, serialNumber)],
        ['SHA-256', h('code', {}, fingerprint256)],
      ]),
    ),
  );
}

export function chainView(handshake: Handshake, host: string): HTMLElement {
  const { chain, negotiated } = handshake;
  if (chain.length === 0 && negotiated?.resumed) {
    const text =
      'None was sent, and none was needed: the session is that of the first try, whose chain was checked then.';
    return h('p', { class: 'muted' }, text);
  }
  if (chain.length === 0) return h('p', { class: 'muted' }, 'The handshake did not come as far as a certificate.');
  return h(
    'div',
    {},
    h('ul', { class: 'checklist' }, checks(handshake, host).map(checkRow)),
    h(
      'ol',
      { class: 'chain' },
      chain.map((each, index) => certificateCard(each, index, chain.length)),
    ),
  );
}

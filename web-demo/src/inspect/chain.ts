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

const isExpired = ({ valid_to: to }: DetailedPeerCertificate): boolean => Date.parse(to) < Date.now();
const isEarly = ({ valid_from: from }: DetailedPeerCertificate): boolean => Date.parse(from) > Date.now();

const isTimeError = (code: string | null): boolean => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';

/** Errors of OpenSSL are thrown away here but for their code, which is all that these words need. */
const wordsFor = (code: string): string => explain(Object.assign(new Error(code), { code })).headline;

function checks({ chain, chainError, nameError }: Handshake, host: string): Check[] {
  const untimely = chain.find((each) => isExpired(each) || isEarly(each));
  const trusted = chainError === null || isTimeError(chainError);
  const signatures = trusted
    ? 'Every signature is good, up to a root that is trusted'
    : `${wordsFor(chainError)} (${chainError})`;
  const names = chain[0] === undefined ? [] : namesOf(chain[0]);
  return [
    { good: trusted, text: signatures },
    { good: untimely === undefined, text: untimely ? untimelyText(untimely) : 'All of them are valid today' },
    {
      good: nameError === null,
      text:
        nameError === null
          ? `The first one is for ${host}`
          : `The first one is for ${names.join(', ')}, not for ${host}`,
    },
  ];
}

function untimelyText(certificate: DetailedPeerCertificate): string {
  const { subject, valid_from: from, valid_to: to } = certificate;
  return `${nameOf(subject)} is not valid today: from ${day(new Date(from))} to ${day(new Date(to))}`;
}

function checkRow({ good, text }: Check): HTMLElement {
  return h('li', { class: good ? 'check good' : 'check bad' }, spoken(good ? 'Passed: ' : 'Failed: '), text);
}

/** Of `DNS:localhost, IP Address:127.0.0.1` what stands behind the colons. */
function namesOf({ subjectaltname: text = '' }: DetailedPeerCertificate): string[] {
  return text.split(', ').flatMap((name) => name.replace(/^(DNS|IP Address|email|URI):/, '') || []);
}

function nameList(certificate: DetailedPeerCertificate): Child | null {
  const names = namesOf(certificate);
  if (names.length === 0) return null;
  return h(
    'ul',
    { class: 'names' },
    names.map((name) => h('li', {}, name)),
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
  const expired = isExpired(certificate);
  return h(
    'li',
    { class: 'certificate' },
    h('p', { class: 'certificate-role' }, `${index + 1} of ${length} · ${role}`),
    h(
      'h3',
      {},
      nameOf(subject),
      ' ',
      expired ? chip('bad', 'expired') : isEarly(certificate) ? chip('bad', 'not yet valid') : null,
      index === 0 && selfIssued ? chip('bad', 'self-signed') : null,
    ),
    facts([
      ['Issued by', selfIssued ? 'itself' : nameOf(issuer)],
      ['Valid', `${day(new Date(from))} to ${day(new Date(to))}`],
      [expired ? 'Ran out' : 'Runs out', fromNow(new Date(to))],
      ['For', nameList(certificate)],
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

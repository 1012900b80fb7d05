/** What came of a handshake, in one headline and in plain words. */
import { explain } from '../failures.js';
import { h } from '../ui/dom.js';
import { milliseconds } from '../ui/format.js';
import { advise, notice } from '../ui/parts.js';
import type { Handshake } from './handshake.js';

function explanation(error: Error & { code?: string }): [HTMLElement, HTMLElement, HTMLElement] {
  const { what, advice } = explain(error);
  return [
    h('p', {}, what),
    advise(advice),
    h('p', { class: 'muted' }, 'Code: ', h('code', {}, error.code ?? error.name), ` · ${error.message}`),
  ];
}

const coded = (code: string, message: string): Error & { code: string } => Object.assign(new Error(message), { code });

/** @param host as the certificate should have it */
export function verdict(handshake: Handshake, host: string): HTMLElement {
  const { error, negotiated, secure, chainError, nameError } = handshake;
  // TLS 1.3 lets a server refuse after our side is done; then there was a handshake, and no connection all the same.
  if (error !== null) return notice('bad', `No connection: ${lower(explain(error).headline)}`, explanation(error));
  if (negotiated === null || secure === null) {
    const hungUp = coded('ECONNRESET', 'The connection ended before it was secure.');
    return notice('bad', `No connection: ${lower(explain(hungUp).headline)}`, explanation(hungUp));
  }
  const problem =
    chainError !== null
      ? coded(chainError, 'The chain does not verify.')
      : nameError !== null
        ? coded('ERR_TLS_CERT_ALTNAME_INVALID', nameError)
        : null;
  if (problem !== null) {
    return notice(
      'warn',
      `Encrypted, but not trusted: ${lower(explain(problem).headline)}`,
      h('p', {}, 'A program would have refused here; this page goes on only to show you why.'),
      explanation(problem),
    );
  }
  const how = negotiated.resumed ? 'by resuming the session from before' : 'with a full handshake';
  return notice(
    'good',
    `Secure: ${negotiated.protocol.replace('TLSv', 'TLS ')}, verified for ${host}`,
    h(
      'p',
      {},
      `In ${milliseconds(secure)}, ${how}. Nobody between this page and the server can read or change anything.`,
    ),
  );
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `tls.checkServerIdentity()`. The rules are the engine's; here are its arguments and its error. */
import type { PeerCertificate } from 'node:tls';
import { engineCall } from './engine-errors.js';
import { tls as errors } from './errors.js';
import type { Runtime } from './runtime.js';

/** Certificates as they may come from anywhere: users call this with objects of their own. */
type CertificateLike = Partial<Pick<PeerCertificate, 'subject' | 'subjectaltname'>>;

function commonNames(certificate: CertificateLike): string[] {
  const names = (certificate.subject as { CN?: string | string[] } | undefined)?.CN;
  if (Array.isArray(names)) return names.map(String);
  return names ? [String(names)] : [];
}

const malformedNames = errors.altNameFormat().message;

export function checkServerIdentity<C extends CertificateLike>(
  runtime: Runtime,
  hostname: string,
  certificate: C,
): Error | undefined {
  // Errors name the host without the dot that makes it absolute, as Node's do.
  const host = String(hostname).replace(/\.$/, '');
  const claims = {
    subjectAltName: certificate.subjectaltname || undefined,
    commonNames: commonNames(certificate),
    hasSubject: Boolean(certificate.subject),
  };
  const reason = engineCall(() => runtime.engine().checkServerIdentity(host, claims));
  // The engine's word for quoting that it cannot undo; no other reason reads like this.
  if (reason === malformedNames) throw errors.altNameFormat();
  return reason === null ? undefined : errors.altNameInvalid(reason, host, certificate);
}

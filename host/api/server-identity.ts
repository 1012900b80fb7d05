/** `tls.checkServerIdentity()`. The rules are the engine's; here are its arguments and its error. */
import type { PeerCertificate } from 'node:tls';
import { engineCall } from './engine-errors.js';
import { tls as errors } from './errors.js';
import type { Runtime } from './runtime.js';
import { validateString } from './validate.js';

/** Certificates as they may come from anywhere: users call this with objects of their own. */
type CertificateLike = Partial<Pick<PeerCertificate, 'subject' | 'subjectaltname'>>;

function commonNames(certificate: CertificateLike): string[] {
  const names: unknown = (certificate.subject as { CN?: unknown } | undefined)?.CN;
  const list: unknown[] = Array.isArray(names) ? names : names ? [names] : [];
  return list.map((name) => {
    validateString(name, 'cert.subject.CN');
    return name;
  });
}

function alternativeNames(names: unknown): string | undefined {
  if (!names) return undefined;
  validateString(names, 'cert.subjectaltname');
  return names;
}

const malformedNames = errors.altNameFormat().message;

export function checkServerIdentity<C extends CertificateLike>(
  runtime: Runtime,
  hostname: string,
  certificate: C,
): Error | undefined {
  // Errors name the host without the dot that makes it absolute, as Node's do.
  const host = `${hostname}`.replace(/\.$/, '');
  const asciiName = runtime.platform.domainToAscii(host);
  const claims = {
    subjectAltName: alternativeNames(certificate.subjectaltname),
    commonNames: commonNames(certificate),
    hasSubject: Boolean(certificate.subject),
  };
  const reason = engineCall(() => runtime.engine().checkServerIdentity(host, asciiName, claims));
  // The engine's word for quoting that it cannot undo; no other reason reads like this.
  if (reason === malformedNames) throw errors.altNameFormat();
  return reason === null ? undefined : errors.altNameInvalid(reason, host, certificate);
}

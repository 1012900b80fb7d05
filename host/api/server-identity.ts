/** `tls.checkServerIdentity()`. The rules are the engine's; here are its arguments and its error. */
import type { PeerCertificate } from 'node:tls';
import type { EngineConnection } from '../engine/types.js';
import { engineCall } from './engine-errors.js';
import { tls as errors } from './errors.js';
import { lazy } from './lazy.js';
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

/** The engine's word for quoting that it cannot undo; no other reason reads like this. */
const malformedNames = lazy(() => errors.altNameFormat().message);

/** Errors name the host without the dot that makes it absolute, as Node's do. */
const relative = (hostname: string): string => `${hostname}`.replace(/\.$/, '');

export function checkServerIdentity<C extends CertificateLike>(
  runtime: Runtime,
  hostname: string,
  certificate: C,
): Error | undefined {
  const host = relative(hostname);
  const asciiName = runtime.platform.domainToAscii(host);
  const claims = {
    subjectAltName: alternativeNames(certificate.subjectaltname),
    commonNames: commonNames(certificate),
    hasSubject: Boolean(certificate.subject),
  };
  const reason = engineCall(() => runtime.engine().checkServerIdentity(host, asciiName, claims));
  if (reason === null) return undefined;
  if (reason === malformedNames()) throw errors.altNameFormat();
  return errors.altNameInvalid(reason, host, certificate);
}

/** Whether the above has nothing against the peer: for as long as that is so, nobody need describe its certificate. */
export function peerIs({ platform }: Runtime, connection: EngineConnection, hostname: string): boolean {
  const host = relative(hostname);
  return connection.peerIs(host, platform.domainToAscii(host));
}

/** Certificates as `getPeerCertificate()` and `getCertificate()` give them. */
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import type { CertificateData, EngineConnection } from '../engine/types.js';

/** More than any chain that OpenSSL would have accepted. */
export const longestChain = 256;

export const certificateObject = (data: CertificateData): PeerCertificate => data as unknown as PeerCertificate;

/** Null when the peer presented none. With `detailed` each certificate links to its issuer, a self-signed one to itself. */
export function peerCertificate(connection: EngineConnection, detailed: boolean): PeerCertificate | null {
  const chain = connection.peerCertificates(detailed ? longestChain : 1);
  const objects = chain.map(({ data }) => certificateObject(data) as DetailedPeerCertificate);
  if (detailed) {
    chain.forEach(({ selfIssued }, index) => {
      const issuer = objects[index + 1] ?? (selfIssued ? objects[index] : undefined);
      if (issuer !== undefined) objects[index]!.issuerCertificate = issuer;
    });
  }
  return objects[0] ?? null;
}

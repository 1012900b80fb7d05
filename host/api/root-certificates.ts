/** `tls.rootCertificates`: the trust roots of this package, as PEM. */

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n');
}

export function pemRoots(roots: readonly Uint8Array[]): readonly string[] {
  return Object.freeze(roots.map(toPem));
}

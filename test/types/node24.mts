// Beside module.mts, with the types of Node 24 for node:tls: what it has, this has.

import nodeTls, { type CertificateCompressionAlgorithm } from 'node:tls';
import tls, * as names from 'wasm-tls';

export const asNode: typeof nodeTls = tls;
export const asNodesNames: Omit<typeof import('node:tls'), 'default'> = names;
export const algorithms: CertificateCompressionAlgorithm[] = tls.getCertificateCompressionAlgorithms();
export const replaced: typeof nodeTls.setDefaultCACertificates = tls.setDefaultCACertificates;
export const listed: typeof nodeTls.getCACertificates = tls.getCACertificates;

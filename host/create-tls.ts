/** `createTls()`: an instance of the library with a wasm memory of its own. */
import { convertALPNProtocols } from './api/alpn.js';
import { defineCaCertificates } from './api/ca-certificates.js';
import { defineConnect } from './api/connect.js';
import { freshDefaults } from './api/defaults.js';
import { lazy } from './api/lazy.js';
import type { Net, Platform } from './api/platform.js';
import type { Overridable, Runtime } from './api/runtime.js';
import { defineSecureContext } from './api/secure-context.js';
import { CryptoStream, defineSecurePair } from './api/secure-pair.js';
import { checkServerIdentity as judge } from './api/server-identity.js';
import { defineServer } from './api/server.js';
import { defineTLSSocket } from './api/tls-socket.js';
import { createEngine } from './engine/engine.js';
import type { Engine } from './engine/types.js';
import type { CreateTlsOptions, EngineStatistics, Tls } from './module-type.js';

function statistics(engine: () => Engine): EngineStatistics {
  return {
    liveObjects: () => engine().liveObjects(),
    memoryBytes: () => engine().memoryBytes(),
    opensslVersion: () => engine().opensslVersion(),
  };
}

export function createTlsFor(platform: Platform, defaultNet: Net, options: CreateTlsOptions = {}): Tls {
  const { net = defaultNet, ...hooks } = options;
  const { newAlertNames } = platform;
  let made: Engine | null = null;
  const engine = lazy(() => (made = createEngine({ newAlertNames, ...hooks }, () => certificates.defaultRoots())));
  const runtime = { net, platform, engine, madeEngine: () => made } as { -readonly [K in keyof Runtime]: Runtime[K] };
  const certificates = defineCaCertificates(runtime);
  runtime.rootsToCome = certificates.rootsToCome;

  const contexts = defineSecureContext(runtime);
  const { TLSSocket, internals } = defineTLSSocket(Object.assign(runtime, { contexts }));
  const Server = defineServer(runtime, TLSSocket, internals);
  const ciphers = lazy(() => engine().cipherNames());

  const checkServerIdentity = (hostname: string, certificate: object) => judge(runtime, hostname, certificate);

  const tls = {
    ...freshDefaults(platform.commandLine),
    getCiphers: () => ciphers(),
    get rootCertificates() {
      return certificates.rootCertificates();
    },
    getCertificateCompressionAlgorithms: () => [],
    getCACertificates: certificates.getCACertificates,
    loadRootCertificates: certificates.loadRootCertificates,
    setDefaultCACertificates: certificates.setDefaultCACertificates,
    convertALPNProtocols: (protocols: unknown, out: { ALPNProtocols?: unknown }) =>
      convertALPNProtocols(protocols, out, platform.newArgumentErrors),
    checkServerIdentity,
    createSecureContext: contexts.createSecureContext,
    SecureContext: contexts.SecureContext,
    TLSSocket,
    Server,
    createServer: (serverOptions?: unknown, listener?: unknown) => new Server(serverOptions, listener),
    connect: defineConnect(runtime, TLSSocket, internals, checkServerIdentity),
    ...defineSecurePair(runtime, TLSSocket, internals),
    CryptoStream,
    createTls: (otherOptions?: CreateTlsOptions) => createTlsFor(platform, defaultNet, otherOptions),
    engine: statistics(engine),
  } satisfies Overridable & Record<keyof Tls, unknown>;
  Object.defineProperty(tls, 'rootCertificates', { configurable: false });
  runtime.tls = tls;
  return tls as unknown as Tls;
}

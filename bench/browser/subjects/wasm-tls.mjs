import tls from '/wasm-tls/browser/index.js';

/** What a start does not need is not waited for by one. */
const sockets = () => import('./sockets.mjs');

let settings;
const contexts = new Map();
const sessions = new Map();

export function load(given) {
  settings = given;
}

/** One context for all connections with the same groups; OpenSSL's own when none are named. */
function contextFor(ecdhCurve) {
  if (!contexts.has(ecdhCurve)) contexts.set(ecdhCurve, tls.createSecureContext({ ca: settings.ca, ecdhCurve }));
  return contexts.get(ecdhCurve);
}

function connect(port, { session, ecdhCurve } = {}) {
  const secureContext = contextFor(ecdhCurve);
  const { relay: transport } = settings;
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: 'localhost', port, secureContext, session, transport }, () => resolve(socket));
    socket.once('error', reject);
  });
}

export async function handshake(port) {
  const socket = await connect(port);
  socket.destroy();
}

export async function handshakeX25519(port) {
  const socket = await connect(port, { ecdhCurve: 'X25519' });
  socket.destroy();
}

/** The first one gets a session from the server, all others use it. */
export async function resume(port) {
  const socket = await connect(port, { session: sessions.get(port) });
  if (!sessions.has(port)) {
    sessions.set(port, await new Promise((resolve) => socket.once('session', resolve)));
  } else if (!socket.isSessionReused()) throw new Error('The session was not resumed');
  socket.destroy();
}

export async function download(port, size) {
  const { download: read } = await sockets();
  await read(await connect(port), size);
}

export async function upload(port, size) {
  const { upload: write } = await sockets();
  await write(await connect(port), size);
}

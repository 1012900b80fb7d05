// One of the clients, in a process of its own: `node client.mjs ours|wisp-js|pipe download|upload RELAY-PORT TARGET-PORT BYTES`.
// Sends the seconds that it took, and those of the processor.

const [, , whose, direction, relayPort, targetPort, amount] = process.argv;
const bytes = Number(amount);
const url = `ws://127.0.0.1:${relayPort}/`;
const chunk = Buffer.alloc(64 * 1024, 'wasm-tls');

/** A connection as a pair of functions: `write(chunk)` resolves when it takes more, `onData` gets each chunk. */
async function connectOurs(onData) {
  const { default: WebSocket } = await import('ws');
  const { default: module } = await import('../../dist/transport/net.js');
  const net = module.default ?? module;
  const socket = net.connect({ host: '127.0.0.1', port: Number(targetPort), transport: { url, WebSocket } });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('data', onData);
  return (part) => socket.write(part) || new Promise((resolve) => socket.once('drain', resolve));
}

async function connectWispJs(onData) {
  const { client } = await import('@mercuryworkshop/wisp-js/client');
  const connection = new client.ClientConnection(url);
  await new Promise((resolve) => (connection.onopen = resolve));
  const stream = connection.create_stream('127.0.0.1', Number(targetPort));
  stream.onmessage = onData;
  // It queues without end: its caller has to look how much that is.
  return (part) => {
    stream.send(part);
    if (stream.send_buffer.length < 64) return true;
    return new Promise((resolve) => {
      const look = () => (stream.send_buffer.length < 32 ? resolve() : setImmediate(look));
      look();
    });
  };
}

async function connectPipe(onData) {
  const { default: net } = await import('node:net');
  const socket = net.connect({ host: '127.0.0.1', port: Number(relayPort), noDelay: true });
  socket.on('data', onData);
  return (part) => socket.write(part) || new Promise((resolve) => socket.once('drain', resolve));
}

const connect = { ours: connectOurs, 'wisp-js': connectWispJs, pipe: connectPipe }[whose];

let received = 0;
const wanted = direction === 'download' ? bytes : 'done'.length;
let finished;
const done = new Promise((resolve) => (finished = resolve));
const onData = (data) => {
  received += data.length;
  if (received >= wanted) finished();
};
const write = await connect(onData);
const start = performance.now();
const usage = process.cpuUsage();
await write(Buffer.from(`${direction === 'download' ? 'send' : 'take'} ${bytes}\n`));
if (direction === 'upload') {
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    // A queue of the client's own would keep the chunk: it gets one of its own each time.
    const ready = write(Buffer.from(chunk));
    if (ready !== true) await ready;
  }
}
await done;
const { user, system } = process.cpuUsage(usage);
process.send({ seconds: (performance.now() - start) / 1000, work: (user + system) / 1e6 }, () => process.exit());

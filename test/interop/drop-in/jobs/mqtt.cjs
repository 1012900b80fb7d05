'use strict';

const { once } = require('node:events');
const fs = require('node:fs');

/** A message of each quality of service, to oneself. */
module.exports = async function mqtt(library, { port, ca, cert, key, size }) {
  const { connectAsync } = library.default ?? library;
  const files = { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  const client = await connectAsync(`mqtts://localhost:${port}`, { ...files, reconnectPeriod: 0 });
  await client.subscribeAsync('topic', { qos: 2 });
  const heard = [];
  for (const qos of [0, 1, 2]) {
    const message = once(client, 'message');
    await client.publishAsync('topic', Buffer.alloc(size, String(qos)), { qos });
    const [, payload] = await message;
    heard.push([payload.length, payload.toString('utf8', 0, 1)]);
  }
  await client.endAsync();
  return heard;
};

'use strict';

const fs = require('node:fs');

/** Values of all sizes, a pipeline, and messages to a second connection. */
module.exports = async function ioredis({ Redis }, { port, ca, cert, key, size }) {
  const tls = { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  const connect = () => new Redis({ host: 'localhost', port, tls });
  const redis = connect();
  const large = Buffer.alloc(size, 'large');
  await redis.set('large', large);
  const pipeline = redis.pipeline();
  for (let n = 0; n < 100; n++) pipeline.incrby('sum', n);
  const sums = await pipeline.exec();

  const subscriber = connect();
  await subscriber.subscribe('news');
  const heard = new Promise((resolve) => subscriber.once('message', (_channel, text) => resolve(text)));
  await redis.publish('news', 'extra');

  const result = {
    received: large.equals(await redis.getBuffer('large')),
    sum: sums.at(-1)[1],
    heard: await heard,
    authorized: redis.stream.authorized,
    protocol: redis.stream.getProtocol(),
  };
  await Promise.all([redis.quit(), subscriber.quit()]);
  return result;
};

'use strict';

const fs = require('node:fs');

/** Requests on a connection that is kept, fetch(), and HTTP/2. */
module.exports = async function undici({ Agent, fetch, request }, { port, ca }) {
  const origin = `https://localhost:${port}`;
  const visit = async (options) => {
    const dispatcher = new Agent({ connections: 1, connect: { ca: fs.readFileSync(ca) }, ...options });
    const text = async (path) => (await request(`${origin}${path}`, { dispatcher })).body.text();
    const about = [await text('/tls'), await text('/tls')];
    const file = await (await fetch(`${origin}/file`, { dispatcher })).arrayBuffer();
    await dispatcher.close();
    return { about, size: file.byteLength };
  };
  return { one: await visit({ allowH2: false }), two: await visit({ allowH2: true }) };
};

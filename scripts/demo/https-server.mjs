// A native Node HTTPS server in a process of its own: it tells the hash of what is put, and serves random bytes.
//
//   node https-server.mjs KEY CERTIFICATES PAYLOAD

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';

const [keyPath, certPath, payloadPath] = process.argv.slice(2);
const payload = fs.readFileSync(payloadPath);
const options = { key: fs.readFileSync(keyPath), cert: fs.readFileSync(certPath), minVersion: 'TLSv1.3' };

const server = https.createServer(options, (request, response) => {
  if (request.method === 'GET') {
    response.end(payload);
    return;
  }
  const hash = createHash('sha256');
  request.on('data', (chunk) => hash.update(chunk));
  request.on('end', () => response.end(hash.digest('hex')));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
// Should whoever started it vanish, then so does it.
process.stdin.resume().on('end', () => process.exit());

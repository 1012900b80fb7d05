// Runs inside a network namespace of its own: starts the program that is named behind the socket's path and its port,
// and joins every connection to that Unix socket to one to the program's port. Unix sockets reach across namespaces.

import { spawn } from 'node:child_process';
import net from 'node:net';

const [path, port, program, ...args] = process.argv.slice(2);

const bridge = net.createServer({ allowHalfOpen: true }, (outside) => {
  const inside = net.connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  for (const [from, to] of [
    [outside, inside],
    [inside, outside],
  ]) {
    from.on('error', () => to.destroy());
    from.pipe(to);
  }
});
// The program only now: who waits for it to say that it listens must find the socket as well.
bridge.listen(path, () => {
  spawn(program, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
});

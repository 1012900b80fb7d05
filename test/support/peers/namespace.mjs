// A server that cannot be told an address and would listen on all of them gets a network of its own, in which there is but
// a loopback interface; a port of ours leads there.

import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { temporaryDirectory } from '../cleanup.mjs';
import { PeerProcess, requireProgram } from './process.mjs';

const bridge = fileURLToPath(new URL('namespace-bridge.mjs', import.meta.url));

/** Where the program has to listen; the same in every namespace, as nobody else is in there. */
export const portInside = 5556;

function join(from, to) {
  from.on('error', () => to.destroy());
  from.pipe(to);
}

export class NamespaceServer {
  #entrance;
  #directory = temporaryDirectory();

  /** Starts `program`, which is ready when it has printed `ready` to its standard error. */
  static async start(program, args, ready) {
    const self = new NamespaceServer();
    const bridgePath = self.#directory.file('bridge');
    requireProgram(program);
    self.process = new PeerProcess('bwrap', [
      '--dev-bind', '/', '/', '--unshare-net', '--unshare-pid', '--die-with-parent', '--',
      process.execPath, bridge, bridgePath, String(portInside), program, ...args,
    ]); // prettier-ignore
    await self.process.waitFor(self.process.stderr, ready);
    self.#entrance = net.createServer({ allowHalfOpen: true }, (outside) => {
      const inside = net.connect({ path: bridgePath, allowHalfOpen: true });
      join(outside, inside);
      join(inside, outside);
    });
    await once(self.#entrance.listen(0, '127.0.0.1'), 'listening');
    self.port = self.#entrance.address().port;
    return self;
  }

  async stop() {
    this.#entrance.close();
    await this.process.stop();
    this.#directory.stop();
  }
}

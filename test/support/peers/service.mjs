// Peers that are a library rather than a program: Go's, Java's and Python's. Beside this file there is a small program for
// each, in programs/, that is started once and then serves and connects as often as it is told, all at the same time.
//
// They read lines and print lines; the fields are separated by tabs, and the first is an id that the caller chose:
//
//   ID serve    cert= key= version= alpn=a,b clientCa=          echoes what each connection sends
//   ID connect  port= ca= servername= version= alpn=a,b cert= key= upload=FILE download=FILE connections=N
//                       N times, resuming: sends the file `upload`, stores what comes until the end in `download`
//   ID stop             closes what it has open
//
//   ID listening   port=
//   ID connection  protocol= cipher= alpn= servername= peerName= reused=     a handshake is done
//   ID refused     message=                                                  a server's handshake failed
//   ID done        [error=]                                                  the last line of this id
//
// A field that is left out has no value; an empty one says that there is none. They end when their input does.

import fs from 'node:fs';

import { temporaryDirectory } from '../cleanup.mjs';

/** One `serve` or `connect`, and all that the program says of it. */
class Job {
  #events = [];
  #waiting = new Set();
  #describe;
  stop;

  constructor(stop, describe) {
    this.stop = stop;
    this.#describe = describe;
  }

  put(event) {
    this.#events.push(event);
    for (const look of this.#waiting) look();
  }

  /** The fields of its `index`-th event of this kind. Rejects when the job is done without. */
  waitFor(what, index = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#events.filter((event) => event.what === what)[index];
        const done = this.#events.at(-1)?.what === 'done';
        if (!found && !done) return;
        this.#waiting.delete(look);
        if (found) resolve(found.fields);
        else reject(new Error(`It was done before it said '${what}'.\n${this.describe()}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  describe() {
    const line = ({ what, fields }) => `${what} ${JSON.stringify(fields)}`;
    return [this.#describe(), ...this.#events.map(line)].join('\n');
  }
}

function send(process, id, verb, fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  process.stdin.write(`${[id, verb, ...given.map((pair) => pair.join('='))].join('\t')}\n`);
}

/** The program, from its first job to the end of the test run. */
class Service {
  #start;
  #process;
  #jobs = new Map();
  #lastId = 0;

  /** @param {() => import('./process.mjs').PeerProcess} start */
  constructor(start) {
    this.#start = start;
  }

  run(verb, fields) {
    const process = (this.#process ??= this.#launch());
    const id = String(++this.#lastId);
    const job = new Job(
      async () => {
        send(process, id, 'stop');
        await job.waitFor('done');
        this.#jobs.delete(id);
      },
      () => `${verb} ${JSON.stringify(fields)}\n${process.stderr.text().slice(-2000)}`,
    );
    this.#jobs.set(id, job);
    send(process, id, verb, fields);
    return job;
  }

  #launch() {
    const process = this.#start();
    // No test has an end of its own for it: it must not hold up the end of them all.
    process.unref();
    process.onLine((line) => this.#take(line));
    process.exited.then(() => {
      for (const job of this.#jobs.values()) job.put({ what: 'done', fields: { error: 'the program ended' } });
      // The next job gets another one.
      this.#process = undefined;
    });
    return process;
  }

  #take(line) {
    const [id, what, ...pairs] = line.split('\t');
    const split = (pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    this.#jobs.get(id)?.put({ what, fields: Object.fromEntries(pairs.map(split)) });
  }
}

const report = ({ reused, ...fields }) => ({
  ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value || undefined])),
  reused: reused === 'true',
});

/** The two classes of one such program: `[Server, Client]`, with the options of OpensslServer and OpensslClient. */
export function servicePeers(label, start) {
  const service = new Service(start);

  class ServiceServer {
    static label = `${label} server`;
    static tells = ['protocol', 'alpn', 'servername', 'peerName', 'reused'];
    #job;

    static async start({ identity, version, clientCaPath, alpn }) {
      const peer = new ServiceServer();
      const { certPath: cert, keyPath: key } = identity;
      peer.#job = service.run('serve', { cert, key, version, clientCa: clientCaPath, alpn: alpn?.join(',') });
      peer.port = Number((await peer.#job.waitFor('listening')).port);
      return peer;
    }

    reply(payload) {
      return payload;
    }

    /** What it says of the connection with this number: { protocol, cipher, alpn, servername, peerName, reused }. */
    async negotiated(index = 0) {
      return report(await this.#job.waitFor('connection', index));
    }

    describe() {
      return this.#job.describe();
    }

    stop() {
      return this.#job.stop();
    }
  }

  class ServiceClient {
    static label = `${label} client`;
    static protocol = 'raw';
    static tells = ['protocol', 'alpn', 'reused'];
    #job;
    #connections;
    #directory = temporaryDirectory();

    static start(options) {
      const { port, version, caPath, servername = 'localhost', identity, alpn, upload = '', connections = 1 } = options;
      const peer = new ServiceClient();
      const file = (name) => peer.#directory.file(name);
      fs.writeFileSync(file('upload'), upload);
      peer.#connections = connections;
      peer.#job = service.run('connect', {
        port, version, ca: caPath, servername, connections,
        cert: identity?.certPath, key: identity?.keyPath, alpn: alpn?.join(','),
        upload: file('upload'), download: file('download'),
      }); // prettier-ignore
      return peer;
    }

    /** Resolves with { code, received } once it has ended; `received` is what came on the last connection. */
    async finished() {
      const { error } = await this.#job.waitFor('done');
      const download = this.#directory.file('download');
      return { code: error ? 1 : 0, error, received: fs.existsSync(download) ? fs.readFileSync(download) : null };
    }

    /** What it says of its last connection, once all are over; as the server's. */
    async negotiated() {
      await this.#job.waitFor('done');
      return report(await this.#job.waitFor('connection', this.#connections - 1));
    }

    describe() {
      return this.#job.describe();
    }

    async stop() {
      await this.#job.stop();
      this.#directory.stop();
    }
  }

  return [ServiceServer, ServiceClient];
}

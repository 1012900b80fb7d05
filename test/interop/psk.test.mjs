// Pre-shared keys and no certificate, against each program that knows them.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import { temporaryDirectory, useCleanup } from '../support/cleanup.mjs';
import { Client, Server, readBytes } from '../support/endpoint.mjs';
import {
  GnutlsClient,
  GnutlsServer,
  NewOpensslClient,
  NewOpensslServer,
  NssClient,
  OpensslClient,
  OpensslServer,
} from '../support/peers/index.mjs';
import { fixtures } from '../support/pki.mjs';

const hello = Buffer.from('hello\n');
const answer = Buffer.from('answer\n');
const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const hex = key.toString('hex');
const identity = 'somebody';
const hint = 'hint';
const versions = ['TLSv1.2', 'TLSv1.3'];
/** All ways to exchange keys that PSK has in TLS 1.2; TLS 1.3 has but one. */
const ciphers = 'PSK:TLS_AES_128_GCM_SHA256';

const gnutlsPriority = (version, exchanges) =>
  `--priority=NORMAL:-VERS-ALL:+VERS-TLS${version.slice(-3)}:-KX-ALL:${exchanges}`;

describe('pre-shared keys', () => {
  const use = useCleanup();

  /** `gnutls-serv` takes its keys from a file, `s_server` takes any identity and says which in its hint alone. */
  const servers = [
    ...[OpensslServer, NewOpensslServer].map((Peer) => ({
      Peer,
      start: (version) =>
        Peer.start({ version, args: ['-nocert', '-psk', hex, '-psk_identity', identity, '-psk_hint', hint] }),
    })),
    {
      Peer: GnutlsServer,
      async start(version) {
        const file = (await use(temporaryDirectory())).file('keys');
        fs.writeFileSync(file, `${identity}:${hex}\n`);
        return GnutlsServer.start({
          args: [`--pskpasswd=${file}`, `--pskhint=${hint}`, gnutlsPriority(version, '+ECDHE-PSK')],
        });
      },
    },
  ];
  const clients = [
    ...[OpensslClient, NewOpensslClient].map((Peer) => ({
      Peer,
      start: (port, version) =>
        Peer.start({ port, version, upload: hello, args: ['-psk', hex, '-psk_identity', identity] }),
    })),
    {
      Peer: GnutlsClient,
      start(port, version) {
        // Of ECDHE-PSK in TLS 1.2 it wants to tell so much that it crashes.
        const exchanges = version === 'TLSv1.2' ? '+PSK' : '+ECDHE-PSK';
        const args = [`--pskusername=${identity}`, `--pskkey=${hex}`, gnutlsPriority(version, exchanges)];
        return GnutlsClient.start({ port, upload: hello, args });
      },
    },
    {
      Peer: NssClient,
      // It has them in TLS 1.3 alone; selfserv prefers its certificate, whoever asks.
      since: 'TLSv1.3',
      start: (port, version) =>
        NssClient.start({
          port, version, upload: hello, caPath: fixtures().ca.certPath, args: ['-z', `0x${hex}:${identity}`],
        }), // prettier-ignore
    },
  ];

  for (const version of versions) {
    for (const { Peer, start } of servers) {
      it(`as a client of ${Peer.label}, ${version}`, async () => {
        const peer = await use(start(version));
        const asked = [];
        const pskCallback = (said) => {
          asked.push(said);
          return { psk: key, identity };
        };
        const checkServerIdentity = () => undefined;
        const client = await use(Client.start({ port: peer.port, ciphers, pskCallback, checkServerIdentity }));
        assert.equal((await client.secure).getProtocol(), version);
        assert.deepEqual(await client.exchange(hello), peer.reply(hello));
        // Once for the hello, as TLS 1.3 knows no hints; once more when TLS 1.2 comes back with one.
        assert.deepEqual(asked, version === 'TLSv1.2' ? [null, hint] : [null]);
      });
    }

    for (const { Peer, start } of clients.filter(({ since = version }) => since <= version)) {
      it(`as a server of ${Peer.label}, ${version}`, async () => {
        const asked = [];
        const pskCallback = (socket, name) => {
          asked.push(name);
          return key;
        };
        const server = await use(Server.start({ ciphers, pskCallback, pskIdentityHint: hint }));
        const peer = await use(start(server.port, version));
        const socket = await server.nextConnection();
        assert.equal(socket.getProtocol(), version);
        assert.deepEqual(await readBytes(socket, hello.length), hello);
        socket.end(answer);
        const { code, received } = await peer.finished();
        assert.equal(code, 0);
        // Some print other things as well.
        assert.ok(received.includes(answer));
        assert.deepEqual(asked, [identity]);
      });
    }
  }
});

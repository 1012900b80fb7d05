/** `pg`, the PostgreSQL client that Node programs use, unmodified, in this page. */
import pg, { type Client } from 'pg';
import type { Demo } from '../demo.js';

export interface Result {
  columns: string[];
  rows: (string | null)[][];
  /** `INSERT 3`: what the server says that it has done. */
  command: string;
  milliseconds: number;
}

export interface Facts {
  protocol: string;
  suite: string;
  verified: boolean;
  /** `SCRAM-SHA-256-PLUS`: the proof of the password is bound to this TLS connection. */
  mechanism: string;
  server: string;
}

interface SecureStream {
  authorized: boolean;
  getProtocol(): string;
  getCipher(): { standardName: string };
}

export type Access = NonNullable<Demo['postgres']['access']>;

/** Text as PostgreSQL wrote it: the console shows values, and does not calculate with them. */
const asText = { getTypeParser: () => (value: string) => value };

export class Database {
  readonly #client: Client;
  onEnd: () => void = () => {};

  private constructor(client: Client) {
    this.#client = client;
    client.on('error', () => this.onEnd());
    client.on('end', () => this.onEnd());
  }

  static async connect(access: Access, ca: string): Promise<{ database: Database; facts: Facts }> {
    const client = new pg.Client({
      ...access,
      // As sslmode=verify-full: the certificate leads to the demo's root and is for this host.
      ssl: { ca, rejectUnauthorized: true, servername: access.host },
      enableChannelBinding: true,
      connectionTimeoutMillis: 10_000,
    });
    let mechanism = 'none';
    // While its proof is under way; afterwards pg forgets about it.
    client.connection.on('authenticationSASLContinue', () => (mechanism = client.saslSession?.mechanism ?? mechanism));
    const database = new Database(client);
    await client.connect();
    const stream = client.connection.stream as SecureStream;
    const version = await database.query('show server_version');
    const facts = {
      protocol: stream.getProtocol(),
      suite: stream.getCipher().standardName,
      verified: stream.authorized,
      mechanism,
      server: `PostgreSQL ${version.rows[0]?.[0]?.split(' ')[0]}`,
    };
    return { database, facts };
  }

  /** One statement or several; of several, the result of the last. */
  async query(text: string): Promise<Result> {
    const start = performance.now();
    const answer = await this.#client.query({ text, rowMode: 'array', types: asText });
    const last = [answer].flat().at(-1)!;
    return {
      columns: last.fields.map(({ name }) => name),
      rows: last.rows as (string | null)[][],
      command: [last.command, last.rowCount].filter((part) => part !== null).join(' '),
      milliseconds: performance.now() - start,
    };
  }
}

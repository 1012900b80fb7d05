/** As much of `pg` as the demo uses: it comes without types. */
declare module 'pg' {
  export interface QueryResult {
    command: string;
    rowCount: number | null;
    fields: { name: string }[];
    rows: unknown[][];
  }

  export interface Connection {
    readonly stream: unknown;
    on(event: 'authenticationSASLContinue', listener: () => void): this;
  }

  export interface ClientOptions {
    host: string;
    port: number;
    user: string;
    password: string;
    database: string;
    ssl: object;
    enableChannelBinding: boolean;
    connectionTimeoutMillis: number;
  }

  export class Client {
    constructor(options: ClientOptions);
    readonly connection: Connection;
    readonly saslSession: { mechanism: string } | null;
    connect(): Promise<void>;
    query(options: { text: string; rowMode: 'array'; types: object }): Promise<QueryResult | QueryResult[]>;
    on(event: 'error' | 'end', listener: () => void): this;
  }

  const pg: { Client: typeof Client };
  export default pg;
}

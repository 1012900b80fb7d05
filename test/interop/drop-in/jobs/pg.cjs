'use strict';

const fs = require('node:fs');

/** Queries over TLS: with a password bound to the server's certificate, then a pool with client certificates. */
module.exports = async function pg({ Client, Pool }, { port, ca, cert, key, size }) {
  const server = { host: 'localhost', port, database: 'postgres' };
  const ssl = { ca: fs.readFileSync(ca) };
  const about = 'select ssl, version, client_dn from pg_stat_ssl where pid = pg_backend_pid()';

  const client = new Client({ ...server, user: 'postgres', password: 'password', ssl, enableChannelBinding: true });
  await client.connect();
  await client.query('create role client login');
  const [byPassword] = (await client.query(about)).rows;
  const { rows } = await client.query("select repeat('x', $1) as text", [size]);
  const echoed = await client.query('select length($1::text) as length', ['y'.repeat(size)]);
  await client.end();

  const identity = { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  const pool = new Pool({ ...server, user: 'client', ssl: { ...ssl, ...identity }, max: 3 });
  const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => pool.query('select $1::int + 1 as sum', [n])));
  const [byCertificate] = (await pool.query(about)).rows;
  await pool.end();

  return {
    byPassword,
    byCertificate,
    received: rows[0].text === 'x'.repeat(size),
    sent: echoed.rows[0].length,
    sums: answers.map((answer) => answer.rows[0].sum),
  };
};

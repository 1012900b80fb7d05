'use strict';

const fs = require('node:fs');

/** A message by implicit TLS and one by STARTTLS. */
module.exports = async function nodemailer(library, { implicit, upgrade, ca, size }) {
  const { createTransport } = library.default ?? library;
  const send = async (options, subject) => {
    const transport = createTransport({ host: 'localhost', tls: { ca: fs.readFileSync(ca) }, ...options });
    const message = { from: 'a@example.com', to: 'b@example.com', subject, text: 'mail '.repeat(size / 5) };
    const { accepted, response } = await transport.sendMail(message);
    transport.close();
    return { accepted, response };
  };
  return {
    implicit: await send({ port: implicit, secure: true }, 'implicit'),
    upgrade: await send({ port: upgrade, secure: false, requireTLS: true }, 'upgrade'),
  };
};

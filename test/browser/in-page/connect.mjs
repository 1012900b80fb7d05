// A client as a program writes it. It runs in pages with the package, and in Node with node:tls, whose outcome is the model.

/** One connection: says what it was told to, and resolves with what it learned and got. Never rejects. */
function connectOnce(tls, options, session) {
  const { say, renegotiate, psk, ...rest } = options;
  const pskCallback = psk && (() => ({ identity: psk.identity, psk: Buffer.from(psk.key, 'hex') }));
  const checks = psk && { pskCallback, checkServerIdentity: () => undefined };
  return new Promise((resolve) => {
    const outcome = { reply: '', sessions: [] };
    const socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', ...rest, ...checks, session });
    socket.once('secureConnect', () => {
      const { authorized, authorizationError, alpnProtocol } = socket;
      const reused = socket.isSessionReused();
      const name = socket.getPeerCertificate()?.subject?.CN;
      Object.assign(outcome, { protocol: socket.getProtocol(), authorized, alpnProtocol, reused, name });
      if (authorizationError) outcome.authorizationError = authorizationError.code ?? String(authorizationError);
      if (!renegotiate) return void socket.write(say);
      const began = socket.renegotiate({ rejectUnauthorized: true }, (error) => {
        outcome.renegotiated = error ? error.code : true;
        if (!error) socket.write(say);
      });
      // On TLS 1.3 there is none.
      if (!began) socket.write(say);
    });
    socket.on('OCSPResponse', (response) => (outcome.ocsp = response?.toString('base64') ?? null));
    socket.on('session', (data) => outcome.sessions.push(data));
    socket.on('data', (data) => {
      outcome.reply += data;
      if (/\n$/.test(outcome.reply)) socket.end();
    });
    socket.on('error', ({ code, reason }) => Object.assign(outcome, { code, ...(reason && { reason }) }));
    socket.on('close', () => resolve(outcome));
  });
}

/** With `again` a second connection resumes what the first one was given, and is the one that counts. */
export async function connectWith(tls, { again, ...options }) {
  let { sessions, ...outcome } = await connectOnce(tls, options);
  if (again) ({ sessions, ...outcome } = await connectOnce(tls, options, sessions.at(-1)));
  return { ...outcome, sessions: sessions.length > 0 };
}

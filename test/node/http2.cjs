// For test-http2-*: Node's http2 makes its sockets itself, by its own `tls`. Where it lets its user bring one, which is
// `http2.connect(authority, { createConnection })`, it gets one of the library's.

const http2 = require('node:http2');
const tls = require('tls');

const { connect } = http2;

/** Where `http2.connect()` would connect to: an authority is a URL, its text, or an object like one. */
function targetOf(authority, options) {
  const url = typeof authority === 'string' ? new URL(authority) : authority;
  const host = (url.hostname || url.host || 'localhost').replace(/^\[|\]$/g, '');
  return { protocol: url.protocol || options.protocol || 'https:', host, port: url.port || 443 };
}

function connectBySocketsOfOurs(authority, options, listener) {
  if (typeof options === 'function') return connectBySocketsOfOurs.call(this, authority, undefined, options);
  const { protocol, host, port } = targetOf(authority, options ?? {});
  if (protocol !== 'https:' || options?.createConnection) return connect.call(this, authority, options, listener);
  const servername = require('node:net').isIP(host) ? '' : host;
  const createConnection = () => tls.connect({ host, port, servername, ALPNProtocols: ['h2'], ...options });
  return connect.call(this, authority, { ...options, createConnection }, listener);
}

// util.promisify() finds its variant among the properties.
http2.connect = Object.defineProperties(connectBySocketsOfOurs, Object.getOwnPropertyDescriptors(connect));

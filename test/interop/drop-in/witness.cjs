// Loaded behind `wasm-tls/register` and before an application: says at its end whose TLS it was.

'use strict';

const { createHook } = require('node:async_hooks');
const tls = require('tls');

let native = 0;
const onResource = (_id, type) => void (native += type === 'TLSWRAP');
createHook({ init: onResource }).enable();

let secure = 0;
const { emit } = tls.TLSSocket.prototype;
tls.TLSSocket.prototype.emit = function (event, ...args) {
  if (event === 'secure') secure++;
  return emit.call(this, event, ...args);
};

process.on('exit', () => {
  console.log(JSON.stringify({ openssl: tls.engine?.opensslVersion(), secure, native }));
});

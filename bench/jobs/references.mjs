// What a plain C program did with OpenSSL 3.5.7 in wasm when this project began, both ends in one process over memory:
// the engine is not to be slower than that. Measured on the machine that the project was begun on (2 cores, Node 20.20).

export const references = {
  /** Handshakes per second. */
  handshakes: { full: 461, fullMlkem: 393, fullRsa: 153, resumed: 982, resumedTls12: 4956 },
  /** MB/s, encrypted by one end and decrypted by the other; the payload counts once. */
  bulk: { 'AES-128-GCM': 46, 'ChaCha20-Poly1305': 116 },
};

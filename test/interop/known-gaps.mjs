// What the other programs cannot do, with the reason. See test/support/gaps.mjs.

/** handshake.test.mjs */
export const handshakeGaps = [];

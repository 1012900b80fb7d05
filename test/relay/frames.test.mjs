// The codec of the relay's packets: what each looks like byte by byte, and what is not one.

import assert from 'node:assert/strict';

import { errorCodeOf, reasonOfError } from '../../dist/transport/wisp/close-reasons.js';
import { formatControl, parseControl } from '../../dist/transport/wisp/control.js';
import * as frames from '../../dist/transport/wisp/frames.js';

const { CloseReason, ExtensionId, parsePacket } = frames;
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('Wisp packets', () => {
  const id = 0x89abcdef;
  const credentials = frames.encodeCredentials({ username: 'ä', password: 'pw' });
  const table = [
    ['connect', frames.encodeConnect(id, 'a.b', 443), '01 efcdab89 01 bb01 612e62'],
    ['data', frames.encodeData(id, bytes('00ff')), '02 efcdab89 00ff'],
    ['data without a byte', frames.encodeData(1, bytes('')), '02 01000000'],
    ['continue', frames.encodeContinue(0, 128), '03 00000000 80000000'],
    ['close', frames.encodeClose(7, CloseReason.refused), '04 07000000 44'],
    ['info', frames.encodeInfo([]), '05 00000000 02 00'],
    [
      'info with extensions',
      frames.encodeInfo([
        { id: ExtensionId.password, payload: credentials },
        { id: ExtensionId.halfClose, payload: bytes('') },
        { id: ExtensionId.credits, payload: frames.encodeUint32(0x10000) },
      ]),
      '05 00000000 02 00  02 07000000 02 0200 c3a4 7077  f1 00000000  f2 04000000 00000100',
    ],
    ['end', frames.encodeEnd(id), 'f1 efcdab89'],
    ['credit', frames.encodeCredit(1, 0x7fffffff), 'f2 01000000 ffffff7f'],
    ['listen', frames.encodeListen(2, 0, ''), 'f3 02000000 0000'],
    ['listening', frames.encodeListening(2, 8080, '::1'), 'f4 02000000 901f 3a3a31'],
    ['accept', frames.encodeAccept(0x80000001, 2, 50000, '1.2.3.4'), 'f5 01000080 02000000 50c3 312e322e332e34'],
    ['probe', frames.encodeProbe(bytes('0102030405060708')), 'f6 00000000 0102030405060708'],
    ['switch', frames.encodeSwitch(), 'f7 00000000'],
  ];
  for (const [name, message, expected] of table) {
    it(`${name}: bytes and back`, () => {
      assert.equal(hex(message), expected.replaceAll(' ', ''));
      assert.equal(message.byteLength, message.buffer.byteLength);
      assert.equal(parsePacket(message).type, name.split(' ')[0]);
    });
  }

  it('gives the fields of each', () => {
    const parsed = table.map(([, message]) => parsePacket(message));
    assert.deepEqual(parsed[0], { type: 'connect', streamId: id, streamType: 1, port: 443, host: 'a.b' });
    assert.deepEqual(parsed[1], { type: 'data', streamId: id, payload: bytes('00ff') });
    assert.deepEqual(parsed[3], { type: 'continue', streamId: 0, packets: 128 });
    assert.deepEqual(parsed[4], { type: 'close', streamId: 7, reason: 0x44 });
    assert.deepEqual(parsed[8], { type: 'credit', streamId: 1, bytes: 0x7fffffff });
    assert.deepEqual(parsed[10], { type: 'listening', streamId: 2, port: 8080, address: '::1' });
    assert.deepEqual(parsed[11], {
      type: 'accept',
      streamId: 0x80000001,
      listenerId: 2,
      remotePort: 50000,
      remoteAddress: '1.2.3.4',
    });
    assert.deepEqual(parsed[12], { type: 'probe', streamId: 0, nonce: bytes('0102030405060708') });
    assert.deepEqual(parsed[13], { type: 'switch', streamId: 0 });
    const { extensions } = parsed[6];
    assert.deepEqual(frames.parseCredentials(extensions[0].payload), { username: 'ä', password: 'pw' });
    assert.equal(frames.parseUint32(extensions[2].payload), 0x10000);
  });

  it('writes the header of DATA in front of bytes that are there already', () => {
    const message = bytes('0000000000 0000000000 aabb');
    frames.writeDataHeader(message, id, 5);
    assert.deepEqual(message.subarray(5), frames.encodeData(id, bytes('aabb')));
  });

  it('does not copy a payload when it parses', () => {
    const message = frames.encodeData(1, bytes('aabb'));
    assert.equal(parsePacket(message).payload.buffer, message.buffer);
  });

  const wrong = [
    ['nothing', '', 'short-header', 0],
    ['half a header', '02 010000', 'short-header', 0],
    ['an unknown type', '06 01000000', 'unknown-type', 1],
    ['DATA on stream 0', '02 00000000 aa', 'bad-stream', 0],
    ['CONNECT on stream 0', '01 00000000 01 bb01 61', 'bad-stream', 0],
    ['END on stream 0', 'f1 00000000', 'bad-stream', 0],
    ['INFO on a stream', '05 01000000 0200', 'bad-stream', 1],
    ['CONNECT without a port', '01 01000000 01', 'short-payload', 1],
    ['CONNECT with a name that is not UTF-8', '01 01000000 01 bb01 c3', 'bad-utf8', 1],
    ['CONTINUE of three bytes', '03 01000000 010000', 'short-payload', 1],
    ['CONTINUE of five bytes', '03 01000000 0100000000', 'trailing-bytes', 1],
    ['CLOSE without a reason', '04 01000000', 'short-payload', 1],
    ['CLOSE with two', '04 01000000 0202', 'trailing-bytes', 1],
    ['END with a payload', 'f1 01000000 00', 'trailing-bytes', 1],
    ['CREDIT of two bytes', 'f2 01000000 0100', 'short-payload', 1],
    ['LISTEN of one byte', 'f3 01000000 01', 'short-payload', 1],
    ['LISTENING with a wrong address', 'f4 01000000 0100 ff', 'bad-utf8', 1],
    ['ACCEPT without a port', 'f5 01000000 02000000 01', 'short-payload', 1],
    ['ACCEPT with a wrong address', 'f5 01000000 02000000 0100 ff', 'bad-utf8', 1],
    ['PROBE on a stream', 'f6 01000000 0102030405060708', 'bad-stream', 1],
    ['PROBE of seven bytes', 'f6 00000000 01020304050607', 'short-payload', 0],
    ['PROBE of nine bytes', 'f6 00000000 010203040506070809', 'trailing-bytes', 0],
    ['SWITCH on a stream', 'f7 01000000', 'bad-stream', 1],
    ['SWITCH with a payload', 'f7 00000000 00', 'trailing-bytes', 0],
    ['INFO without a version', '05 00000000 02', 'short-payload', 0],
    ['INFO with half an extension', '05 00000000 0200 02 0100', 'short-payload', 0],
    ['INFO with an extension that claims too much', '05 00000000 0200 02 ffffffff 00', 'short-payload', 0],
  ];
  for (const [name, message, error, streamId] of wrong) {
    it(`${name} is ${error}`, () => {
      assert.deepEqual(parsePacket(bytes(message)), { type: 'malformed', error, streamId });
    });
  }

  it('never throws, whatever is cut off or changed', () => {
    for (const [, message] of table) {
      for (let length = 0; length <= message.length; length++) parsePacket(message.slice(0, length));
      for (let at = 0; at < message.length; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = message.slice();
          changed[at] = value;
          assert.equal(typeof parsePacket(changed).type, 'string');
        }
      }
    }
  });

  it('credentials that are cut off, too long or not UTF-8 are none', () => {
    const payload = frames.encodeCredentials({ username: 'me', password: 'secret' });
    for (let length = 0; length < payload.length; length++) {
      assert.equal(frames.parseCredentials(payload.subarray(0, length)), null);
    }
    assert.equal(frames.parseCredentials(bytes('01 0100 ff 61')), null);
    assert.throws(() => frames.encodeCredentials({ username: 'x'.repeat(256), password: '' }), RangeError);
    assert.throws(() => frames.encodeCredentials({ username: '', password: 'x'.repeat(65536) }), RangeError);
  });
});

describe('control messages of the one-socket form', () => {
  for (const [control, text] of [
    [{ type: 'open' }, 'open'],
    [{ type: 'end' }, 'end'],
    [{ type: 'credit', bytes: 65536 }, 'credit 65536'],
    [{ type: 'error', code: 'ECONNREFUSED' }, 'error ECONNREFUSED'],
  ]) {
    it(`'${text}' and back`, () => {
      assert.equal(formatControl(control), text);
      assert.deepEqual(parseControl(text), control);
    });
  }

  it('anything else is none', () => {
    const wrong = ['', 'OPEN', 'open ', 'credit', 'credit 0', 'credit -1', 'credit 1.5', 'credit 2147483648'];
    for (const text of [...wrong, 'credit 1e3', 'credit  1', 'error', 'error no', 'end\n']) {
      assert.equal(parseControl(text), null, JSON.stringify(text));
    }
  });
});

describe('close reasons', () => {
  const opened = { opened: true, toAddress: false };
  const asked = { opened: false, toAddress: false };

  it('have the codes of docs/relay.md', () => {
    const codes = Object.values(CloseReason).map((reason) => [
      reason,
      errorCodeOf(reason, asked),
      errorCodeOf(reason, opened),
    ]);
    assert.deepEqual(codes, [
      [0x01, 'ECONNRESET', 'ECONNRESET'],
      [0x02, 'ECONNRESET', null],
      [0x03, 'ECONNRESET', 'ECONNRESET'],
      [0x04, 'ECONNRESET', 'ECONNRESET'],
      [0x41, 'EINVAL', 'EINVAL'],
      [0x42, 'ENOTFOUND', 'ENOTFOUND'],
      [0x43, 'ETIMEDOUT', 'ETIMEDOUT'],
      [0x44, 'ECONNREFUSED', 'ECONNREFUSED'],
      [0x47, 'ETIMEDOUT', 'ETIMEDOUT'],
      [0x48, 'EACCES', 'EACCES'],
      [0x49, 'EMFILE', 'ECONNRESET'],
      [0x81, 'ECONNRESET', 'ECONNRESET'],
      [0xc0, 'EACCES', 'EACCES'],
      [0xc1, 'EACCES', 'EACCES'],
      [0xc2, 'EACCES', 'EACCES'],
      [0xf0, 'EADDRINUSE', 'EADDRINUSE'],
    ]);
    assert.equal(errorCodeOf(0x42, { opened: false, toAddress: true }), 'EHOSTUNREACH');
    assert.equal(errorCodeOf(0x77, opened), 'ECONNRESET');
  });

  it('come back as the code that a target failed with', () => {
    for (const code of ['EINVAL', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNREFUSED', 'EACCES', 'EMFILE', 'EADDRINUSE']) {
      assert.equal(errorCodeOf(reasonOfError(code), asked), code);
    }
    assert.equal(errorCodeOf(reasonOfError('EHOSTUNREACH'), { opened: false, toAddress: true }), 'EHOSTUNREACH');
    assert.equal(errorCodeOf(reasonOfError('ECONNRESET'), opened), 'ECONNRESET');
    assert.equal(errorCodeOf(reasonOfError(undefined), asked), 'ECONNRESET');
  });
});

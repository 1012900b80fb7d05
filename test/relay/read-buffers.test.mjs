// What targets are read into: small while little comes, larger and larger for one that is faster than it is read.

import assert from 'node:assert/strict';

import { ReadBuffer, READ_BYTES, ROOM_BYTES } from '../../dist/relay/read-buffers.js';

const kibibyte = 1024;

describe('relay: buffers to read into', () => {
  /** A read that brings `size` bytes of that value; `held` collects what has to be given back. */
  function read(buffer, size, value, held) {
    const place = buffer.next(READ_BYTES);
    place.fill(value, 0, size);
    const { message, release } = buffer.taken(size);
    if (release !== undefined) held.push(release);
    return { room: place.length, message, isPooled: release !== undefined };
  }

  it('grow while they are filled, and shrink when they are not', () => {
    const buffer = new ReadBuffer();
    const held = [];
    const rooms = [100, 64 * kibibyte, READ_BYTES, READ_BYTES, 20 * kibibyte, 100, 100].map(
      (size) => read(buffer, size, 1, held).room,
    );
    assert.deepEqual(rooms.map((room) => room / kibibyte), [64, 64, 256, 256, 256, 64, 64]); // prettier-ignore
    buffer.close();
    for (const release of held) release();
  });

  it('are another one for each read, until they are given back', () => {
    const [one, other] = [new ReadBuffer(), new ReadBuffer()];
    const held = [];
    const messages = [];
    for (let value = 0; value < 200; ++value) {
      const size = value % 2 === 0 ? READ_BYTES : 64 * kibibyte;
      for (const buffer of [one, other]) {
        const room = buffer.next(READ_BYTES).length;
        messages.push([value, read(buffer, Math.min(size, room), value, held).message]);
      }
    }
    assert.ok(held.length > 64, 'some are of the pools');
    assert.ok(held.length < messages.length, 'when these are used up, the rest are copies');
    for (const [value, message] of messages) {
      assert.ok(message.subarray(ROOM_BYTES).every((byte) => byte === value));
    }
    for (const release of held) release();
  });

  it('are no larger than what may be read', () => {
    const buffer = new ReadBuffer();
    assert.equal(buffer.next(10).length, 10);
    assert.equal(buffer.taken(10).message.length, ROOM_BYTES + 10);
  });
});

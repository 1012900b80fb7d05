import { strict } from './assert.js';

export * from './assert.js';
export {
  strictEqual as equal,
  notStrictEqual as notEqual,
  deepStrictEqual as deepEqual,
  notDeepStrictEqual as notDeepEqual,
} from './assert.js';
export default strict;

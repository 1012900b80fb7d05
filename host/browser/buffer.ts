import './base.js';
import * as buffer from 'buffer';

export default buffer;
export const { Buffer, SlowBuffer, kMaxLength, constants } = buffer;
export const { Blob, atob, btoa } = globalThis;

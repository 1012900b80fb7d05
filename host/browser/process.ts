/** The little of Node's `process` that streams ask for. */
import { nextTick } from './turns.js';

export { nextTick };
export const browser = true;
export const env = {};
export const version = '';
export const versions = {};
export default { nextTick, browser, env, version, versions };

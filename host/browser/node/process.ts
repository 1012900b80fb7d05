/** What libraries ask the process about. */
import EventEmitter from 'node:events';
import { nextTick } from '../turns.js';
import { plainError } from '../../common/errors.js';

function emitWarning(warning: string | Error, type: string | { type?: string } = 'Warning'): void {
  const kind = typeof type === 'string' ? type : (type.type ?? 'Warning');
  console.warn(warning instanceof Error ? warning : `${kind}: ${warning}`);
}

function output(write: (text: string) => void) {
  const stream = { isTTY: false, writable: true, write: (text: unknown) => (write(String(text)), true), end: () => {} };
  return Object.assign(new EventEmitter(), stream);
}

function hrtime(earlier?: [number, number]): [number, number] {
  const now = performance.now();
  let seconds = Math.floor(now / 1000);
  let nanoseconds = Math.floor((now % 1000) * 1e6);
  if (earlier) {
    seconds -= earlier[0];
    nanoseconds -= earlier[1];
    if (nanoseconds < 0) [seconds, nanoseconds] = [seconds - 1, nanoseconds + 1e9];
  }
  return [seconds, nanoseconds];
}

const bigint = (): bigint => BigInt(Math.floor(performance.now() * 1e6));

export default Object.assign(new EventEmitter(), {
  arch: 'wasm',
  argv: [] as string[],
  argv0: '',
  browser: true,
  config: {},
  cwd: () => '/',
  emitWarning,
  env: {} as Record<string, string | undefined>,
  execArgv: [] as string[],
  execPath: '',
  exitCode: undefined,
  features: {},
  hrtime: Object.assign(hrtime, { bigint }),
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  nextTick,
  pid: 1,
  platform: 'browser',
  ppid: 0,
  release: {},
  stderr: output((text) => console.error(text)),
  stdout: output((text) => console.log(text)),
  title: 'browser',
  umask: () => 0,
  uptime: () => performance.now() / 1000,
  version: '',
  // Without `node`: who looks for it learns that this is not Node.
  versions: {},
  exit(): never {
    throw plainError(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'process.exit is not available in a browser');
  },
});

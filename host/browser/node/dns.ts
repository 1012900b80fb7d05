/**
 * A page resolves no names: its relay does, which checks what they resolve to. So a name is its own address here, and who
 * asks before connecting passes it on unchanged.
 */
import * as promises from './dns-promises.js';
import { found, refusal } from './names.js';

type Answer = (error: Error | null, ...values: unknown[]) => void;
interface LookupOptions {
  all?: boolean;
  family?: number | string;
}

export const ADDRCONFIG = 1024;
export const V4MAPPED = 2048;
export const ALL = 256;
export const NODATA = 'ENODATA';
export const FORMERR = 'EFORMERR';
export const SERVFAIL = 'ESERVFAIL';
export const NOTFOUND = 'ENOTFOUND';
export const NOTIMP = 'ENOTIMP';
export const REFUSED = 'EREFUSED';
export const BADQUERY = 'EBADQUERY';
export const BADNAME = 'EBADNAME';
export const BADFAMILY = 'EBADFAMILY';
export const BADRESP = 'EBADRESP';
export const CONNREFUSED = 'ECONNREFUSED';
export const TIMEOUT = 'ETIMEOUT';
export const EOF = 'EOF';
export const NOMEM = 'ENOMEM';
export const CANCELLED = 'ECANCELLED';

function lookupName(hostname: string, ...rest: [LookupOptions | number, Answer] | [Answer]): void {
  const callback = rest.pop() as Answer;
  const [options] = rest as [LookupOptions | number | undefined];
  const all = typeof options === 'object' && options !== null && options.all === true;
  const { address, family } = found(hostname);
  queueMicrotask(() => (all ? callback(null, [{ address, family }]) : callback(null, address, family)));
}

/** What `util.promisify()` makes of it. */
export const lookup = Object.assign(lookupName, {
  [Symbol.for('nodejs.util.promisify.custom')]: promises.lookup,
});

function refusing(question: string) {
  return (hostname: string, ...rest: unknown[]): void => {
    const callback = rest.at(-1) as Answer;
    queueMicrotask(() => callback(refusal(question, hostname)));
  };
}

export const resolve = refusing('query');
export const resolve4 = refusing('queryA');
export const resolve6 = refusing('queryAaaa');
export const resolveAny = refusing('queryAny');
export const resolveCaa = refusing('queryCaa');
export const resolveCname = refusing('queryCname');
export const resolveMx = refusing('queryMx');
export const resolveNaptr = refusing('queryNaptr');
export const resolveNs = refusing('queryNs');
export const resolvePtr = refusing('queryPtr');
export const resolveSoa = refusing('querySoa');
export const resolveSrv = refusing('querySrv');
export const resolveTxt = refusing('queryTxt');
export const reverse = refusing('getHostByAddr');
export const lookupService = refusing('getnameinfo');

export class Resolver {
  resolve = resolve;
  resolve4 = resolve4;
  resolve6 = resolve6;
  resolveAny = resolveAny;
  resolveCaa = resolveCaa;
  resolveCname = resolveCname;
  resolveMx = resolveMx;
  resolveNaptr = resolveNaptr;
  resolveNs = resolveNs;
  resolvePtr = resolvePtr;
  resolveSoa = resolveSoa;
  resolveSrv = resolveSrv;
  resolveTxt = resolveTxt;
  reverse = reverse;
  cancel(): void {}
  getServers(): string[] {
    return [];
  }
}

export const getServers = (): string[] => [];
export const getDefaultResultOrder = (): string => 'verbatim';
export const setDefaultResultOrder = (): void => {};
export { promises };

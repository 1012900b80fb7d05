import { found, refusal, type Address } from './names.js';

export function lookup(hostname: string, options?: { all?: boolean } | number): Promise<Address | Address[]> {
  const all = typeof options === 'object' && options.all === true;
  return Promise.resolve(all ? [found(hostname)] : found(hostname));
}

function refusing(question: string) {
  return (hostname: string): Promise<never> => Promise.reject(refusal(question, hostname));
}

export const resolve = refusing('query');
export const resolve4 = refusing('queryA');
export const resolve6 = refusing('queryAaaa');
export const resolveCname = refusing('queryCname');
export const resolveMx = refusing('queryMx');
export const resolveNs = refusing('queryNs');
export const resolveSrv = refusing('querySrv');
export const resolveTxt = refusing('queryTxt');
export const reverse = refusing('getHostByAddr');

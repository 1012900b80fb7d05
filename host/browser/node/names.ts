/** What `dns` answers. */
import net from '../net.js';
import { plainError, type CodedError } from '../../common/errors.js';

export interface Address {
  address: string;
  family: number;
}

export function found(hostname: string): Address {
  return { address: hostname, family: net.isIP(hostname) || 4 };
}

export function refusal(question: string, hostname: unknown): CodedError {
  const message = `${question} ENOTIMP ${String(hostname)}: a page has no resolver; names go to the relay unresolved`;
  const error = plainError(Error, 'ENOTIMP', message);
  return Object.assign(error, { syscall: question, hostname });
}

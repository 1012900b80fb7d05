/** Close reasons of Wisp and Node's error codes: what each means to the other side. */
import { CloseReason } from './frames.js';

export interface ClosedStream {
  /** The target was connected: by the open confirmation, or because bytes of it came. */
  opened: boolean;
  /** The host that was asked for is an address and no name. */
  toAddress: boolean;
}

/** The `code` of the error that a closed stream ends with; null for an end without error. */
export function errorCodeOf(reason: number, { opened, toAddress }: ClosedStream): string | null {
  switch (reason) {
    case CloseReason.voluntary:
      return opened ? null : 'ECONNRESET';
    case CloseReason.invalid:
      return 'EINVAL';
    case CloseReason.unreachable:
      return toAddress ? 'EHOSTUNREACH' : 'ENOTFOUND';
    case CloseReason.connectTimeout:
    case CloseReason.transferTimeout:
      return 'ETIMEDOUT';
    case CloseReason.refused:
      return 'ECONNREFUSED';
    case CloseReason.blocked:
    case CloseReason.wrongPassword:
    case CloseReason.wrongSignature:
    case CloseReason.credentialsRequired:
      return 'EACCES';
    // Too many streams, before; too many bytes, after.
    case CloseReason.throttled:
      return opened ? 'ECONNRESET' : 'EMFILE';
    case CloseReason.addressInUse:
      return 'EADDRINUSE';
    default:
      return 'ECONNRESET';
  }
}

/** The reason for a target that failed with `code`. */
export function reasonOfError(code: string | undefined): number {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return CloseReason.unreachable;
    case 'ETIMEDOUT':
      return CloseReason.connectTimeout;
    case 'ECONNREFUSED':
      return CloseReason.refused;
    case 'EACCES':
    case 'EPERM':
      return CloseReason.blocked;
    case 'EADDRINUSE':
      return CloseReason.addressInUse;
    case 'EINVAL':
      return CloseReason.invalid;
    case 'EMFILE':
    case 'ENFILE':
      return CloseReason.throttled;
    default:
      return CloseReason.networkError;
  }
}

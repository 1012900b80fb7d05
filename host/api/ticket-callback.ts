/**
 * `context.enableTicketKeyCallback()`: a function of the user's that decides for each session ticket with which keys it is
 * made or read. Node documents it nowhere, but has had it for long, and the programs that found it are served here too.
 */
import type { TicketAnswer, TicketChooser } from '../engine/types.js';

interface TicketCallbackOwner {
  onticketkeycallback?: unknown;
}

const nothing = new Uint8Array();
const bytesOf = (value: unknown): Uint8Array =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : nothing;

/** Of [verdict, hmac, aes] for a client's ticket; a new one has its name and IV behind that. */
function answerFrom(returned: unknown): TicketAnswer | null {
  if (!Array.isArray(returned)) return null;
  const [verdict, hmac, aes, name, iv] = returned as unknown[];
  if (!Number.isInteger(verdict)) return null;
  const keys = { hmac: bytesOf(hmac), aes: bytesOf(aes), name: bytesOf(name), iv: bytesOf(iv) };
  return { verdict: Number(verdict), ...keys };
}

/** The engine holds on to the function, so that this must not hold on to what frees the engine's context. */
export function ticketChooser(owner: WeakRef<TicketCallbackOwner>): TicketChooser {
  return (name, iv, encrypt) => {
    const context = owner.deref();
    if (context === undefined) return null;
    try {
      const { onticketkeycallback: callback } = context;
      if (typeof callback !== 'function') return null;
      return answerFrom(Reflect.apply(callback, context, [Buffer.from(name), Buffer.from(iv), encrypt]));
    } catch (error) {
      // No socket's fault: an exception like any other, once OpenSSL is no longer on the stack.
      queueMicrotask(() => {
        throw error;
      });
      return null;
    }
  };
}

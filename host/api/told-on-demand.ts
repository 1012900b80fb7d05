/**
 * What a TLSSocket tells only where somebody listens, because it costs something: lines of the key log, and the messages of
 * the protocol. From the first listener on; what was before is not told.
 */
import type { EventEmitter } from 'node:events';
import type { EngineConnection, ProtocolMessageEvent } from '../engine/types.js';
import type { ProtocolMessage } from '../module-type.js';
import type { Platform } from './platform.js';

export function tellOnDemand(
  socket: EventEmitter,
  platform: Platform,
  connection: () => EngineConnection | null,
): void {
  socket.on('newListener', (event: string | symbol) => {
    if (event === 'keylog') connection()?.setKeylog(true);
    else if (event === 'protocolMessage') connection()?.setMessages(true);
  });
  const { keylogFile } = platform.commandLine;
  if (keylogFile !== undefined) socket.on('keylog', (line: Buffer) => platform.appendKeylog(keylogFile, line));
}

export function protocolMessage(event: ProtocolMessageEvent): ProtocolMessage {
  const { sent, protocol, contentType, name, size, missed } = event;
  const direction = sent ? 'sent' : 'received';
  return { direction, protocol, contentType, name, bytes: size, time: performance.now(), missed };
}

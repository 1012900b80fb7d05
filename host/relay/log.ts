/** Structured logs: records with fields, which the caller writes where it likes. Never payload, never secrets. */
import { logLevels } from './settings.js';
import type { LogLevel, LogRecord } from './types.js';

export type Fields = Record<string, string | number | boolean | undefined>;

export class Log {
  readonly #take: ((record: LogRecord) => void) | undefined;
  readonly #least: number;

  constructor(take: ((record: LogRecord) => void) | undefined, level: LogLevel) {
    this.#take = take;
    this.#least = take === undefined ? -1 : logLevels.indexOf(level);
  }

  error(event: string, fields: Fields = {}): void {
    this.#write('error', event, fields);
  }

  warn(event: string, fields: Fields = {}): void {
    this.#write('warn', event, fields);
  }

  info(event: string, fields: Fields = {}): void {
    this.#write('info', event, fields);
  }

  debug(event: string, fields: Fields = {}): void {
    this.#write('debug', event, fields);
  }

  #write(level: LogLevel, event: string, fields: Fields): void {
    if (logLevels.indexOf(level) > this.#least) return;
    this.#take?.({ time: new Date().toISOString(), level, event, ...fields });
  }
}

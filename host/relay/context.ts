/** What all parts of one relay share. */
import type { ExpectedDownloads } from './downloads.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { TargetResolver } from './resolver.js';
import type { Settings } from './settings.js';

export interface RelayContext {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly resolver: TargetResolver;
  readonly downloads: ExpectedDownloads;
  /** It is being shut down: nothing new is begun. */
  closing: boolean;
}

/** One WebSocket, whatever it carries. */
export interface Session {
  /** Nothing new; over when its streams are. */
  drain(): void;
  /** Over at once. */
  cut(): void;
}

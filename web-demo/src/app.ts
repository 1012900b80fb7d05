/** What the panels are given. */
import type { tls } from './stack.js';
import type { Demo } from './demo.js';

export interface App {
  readonly demo: Demo;
  readonly tls: typeof tls;
  /** Tells what went wrong with a connection, so that the page can see whether its server is gone. */
  failed(error: Error): void;
}

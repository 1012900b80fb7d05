// What setup says while it works: one updating line on a terminal, plain lines everywhere else.

/** An expected failure: printed as its message, without a stack. */
export class Failure extends Error {}

const terminal = Boolean(process.stderr.isTTY) && !process.env.CI;
const heartbeatMs = terminal ? 200 : 60_000;

/** The time since `since`, for people. */
export function seconds(since) {
  const elapsed = Math.round((Date.now() - since) / 1000);
  return elapsed < 60 ? `${elapsed} s` : `${Math.floor(elapsed / 60)} min ${elapsed % 60} s`;
}

function updateLine(text) {
  const width = (process.stderr.columns || 80) - 1;
  process.stderr.write(`\r\x1b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
}

/** Prints one line. */
export function say(text) {
  process.stderr.write(`${terminal ? '\r\x1b[2K' : ''}${text}\n`);
}

/** Prints what nobody should overlook. */
export function warn(text) {
  const lines = text.split('\n');
  const rule = '!'.repeat(Math.min(100, Math.max(...lines.map((line) => line.length)) + 4));
  say([rule, ...lines.map((line) => `! ${line}`), rule].join('\n'));
}

// Steps may run at the same time: a terminal shows all of them in its one line.
const active = new Set();
let timer = null;

function show() {
  const texts = [...active].map(({ title, start, latest }) => `${title} … ${seconds(start)}${latest && `  ${latest}`}`);
  if (terminal) updateLine(texts.join('  |  '));
  else texts.forEach(say);
}

/**
 * Runs `work(detail)` and shows that it goes on: its title, the time since it started, and the last
 * text that it gave to `detail`. Says how it ended unless `quiet`.
 */
export async function step(title, work, { quiet = false } = {}) {
  const entry = { title, start: Date.now(), latest: '' };
  if (!terminal && !quiet) say(`${title} …`);
  active.add(entry);
  timer ??= setInterval(show, heartbeatMs);
  const end = (text) => {
    active.delete(entry);
    if (active.size === 0) timer = clearInterval(timer) ?? null;
    if (!quiet) say(`${title}: ${text} ${seconds(entry.start)}`);
  };
  try {
    const result = await work((text) => {
      entry.latest = text.trim().replace(/\s+/g, ' ').slice(0, 80);
    });
    end('done in');
    return result;
  } catch (error) {
    end('FAILED after');
    throw error;
  }
}

/** The last resort of every script: says what went wrong and ends the process. */
export function exitWithFailure(error) {
  say(error instanceof Failure ? `\n${error.message}` : (error.stack ?? String(error)));
  process.exit(1);
}

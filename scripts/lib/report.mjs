// What setup says while it works: one updating line on a terminal, plain lines everywhere else.

/** An expected failure: printed as its message, without a stack. */
export class Failure extends Error {}

const terminal = Boolean(process.stderr.isTTY) && !process.env.CI;
const heartbeatMs = terminal ? 200 : 30_000;

function seconds(since) {
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

/**
 * Runs `work(detail)` and shows that it goes on: its title, the time since it started, and the last
 * text that it gave to `detail`.
 */
export async function step(title, work) {
  const start = Date.now();
  let latest = '';
  if (!terminal) say(`${title} …`);
  const show = () => {
    const text = `${title} … ${seconds(start)}${latest && `  ${latest}`}`;
    if (terminal) updateLine(text);
    else say(text);
  };
  const timer = setInterval(show, heartbeatMs);
  try {
    const result = await work((text) => {
      latest = text.trim().replace(/\s+/g, ' ').slice(0, 100);
    });
    say(`${title}: done in ${seconds(start)}`);
    return result;
  } catch (error) {
    say(`${title}: FAILED after ${seconds(start)}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** The last resort of every script: says what went wrong and ends the process. */
export function exitWithFailure(error) {
  say(error instanceof Failure ? `\n${error.message}` : (error.stack ?? String(error)));
  process.exit(1);
}

// npm start: sets up what is missing, then serves the page of web-demo/ with all that it talks to, until Ctrl-C.
//
//   npm start -- --port 8080     the port that is tried first; should it be taken, any free one is

import { parseArgs } from 'node:util';

import { ensurePage } from './build-page.mjs';
import { Failure, exitWithFailure } from './lib/report.mjs';
import { setup } from './setup.mjs';

const usualPort = 8080;

function portOf(argv) {
  let text;
  try {
    text = parseArgs({ args: argv, options: { port: { type: 'string' } } }).values.port;
  } catch (error) {
    throw new Failure(`${error.message}\nnpm start -- [--port NUMBER]`);
  }
  if (text === undefined) return usualPort;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new Failure(`--port takes a number up to 65535, and this is '${text}'.`);
}

const patienceMs = 5000;

/** Ends everything, whichever way this process is asked to. Asking twice, as npm may, makes no difference. */
function stopOnSignals(stop) {
  let stopping = false;
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
    // Setup is over, and with it what it does on a signal.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      const end = () => process.exit(signal === 'SIGINT' ? 0 : 128 + number);
      stop().then(end, exitWithFailure);
      setTimeout(end, patienceMs);
    });
  }
}

try {
  const port = portOf(process.argv.slice(2));
  await setup({ purposes: ['demo'] });
  const files = await ensurePage();
  const { startDemo } = await import('../web-demo/server/index.mjs');
  const starting = startDemo({ files, port });
  stopOnSignals(async () => (await starting).stop());
  const demo = await starting;
  console.log(
    `\n  ${demo.url}\n\nOpen it in a browser on this machine. Ctrl-C ends it, and everything that it has started.`,
  );
} catch (error) {
  exitWithFailure(error);
}

// What a socket tells, in order: one line for each event.

const events = [
  'lookup', 'connect', 'ready', 'data', 'end', 'finish', 'drain', 'timeout', 'error', 'close',
]; // prettier-ignore

function describe(event, args) {
  if (event === 'data') return null;
  if (event === 'error') return `error ${args[0].code} ${args[0].syscall ?? ''}`.trim();
  if (event === 'close') return `close ${args[0]}`;
  return event;
}

/** Listens for everything but 'data', which would make the socket flow. `log` also takes notes of the test's own. */
export function record(socket, log = [], name = '') {
  for (const event of events) {
    if (event === 'data') continue;
    socket.on(event, (...args) => log.push(`${name}${describe(event, args)}`));
  }
  return log;
}

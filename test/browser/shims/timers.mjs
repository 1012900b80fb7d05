// Immediates: behind the tasks that are waiting, which a timer of a browser's is not.

const channel = new MessageChannel();
const waiting = new Map();
let last = 0;

channel.port1.onmessage = ({ data }) => {
  const work = waiting.get(data);
  waiting.delete(data);
  work?.();
};

export function setImmediate(work, ...args) {
  waiting.set(++last, () => work(...args));
  channel.port2.postMessage(last);
  return last;
}

export function clearImmediate(id) {
  waiting.delete(id);
}

export const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;

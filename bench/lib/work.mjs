// What processes cost the processor. On a machine that is busy with other things it tells more than the time does.

import fs from 'node:fs';

/** Of one entry in /proc/PID/stat, whose unit is by a fixed convention 10 ms. */
const secondsPerTick = 0.01;

/** Parent, and seconds of the processor, of every process. */
function processes() {
  const found = new Map();
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      // Behind the name, which may have any character in it.
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      found.set(Number(pid), { parent: Number(fields[1]), seconds: ticks * secondsPerTick });
    } catch {
      // It has ended since the folder was read.
    }
  }
  return found;
}

/** Seconds of the processor that went into all that this process has started, and that has not ended. Null where that is not told. */
export function workOfChildren() {
  if (!fs.existsSync('/proc/self/stat')) return null;
  const all = processes();
  const isBelow = (pid) => {
    for (let at = all.get(pid); at !== undefined; at = all.get(at.parent)) {
      if (at.parent === process.pid) return true;
    }
    return false;
  };
  return [...all].reduce((sum, [pid, { seconds }]) => sum + (isBelow(pid) ? seconds : 0), 0);
}

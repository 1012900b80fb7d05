/** Numbers, times and dates as people read them. */

const grouping = new Intl.NumberFormat('en');
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const dateFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

export const count = (number: number): string => grouping.format(number);

export const plural = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

export function bytes(size: number): string {
  if (size < 10_000) return `${count(size)} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  const mebibytes = size / 1024 / 1024;
  return `${Number.isInteger(mebibytes) ? mebibytes : mebibytes.toFixed(1)} MiB`;
}

export const milliseconds = (time: number): string => `${time < 100 ? time.toFixed(1) : Math.round(time)} ms`;

/** Of bytes in milliseconds. */
export const rate = (size: number, time: number): string => `${(size / time / 1000).toFixed(1)} MB/s`;

export const day = (date: Date): string => dateFormat.format(date);

const dayLength = 86_400_000;

/** "in 3 days", "5 weeks ago". */
export function fromNow(date: Date, now = Date.now()): string {
  const difference = date.getTime() - now;
  const days = Math.round(difference / dayLength);
  if (Math.abs(days) < 1) return relative.format(Math.round(difference / 3_600_000), 'hour');
  if (Math.abs(days) < 21) return relative.format(days, 'day');
  if (Math.abs(days) < 90) return relative.format(Math.round(days / 7), 'week');
  if (Math.abs(days) < 700) return relative.format(Math.round(days / 30.4), 'month');
  return relative.format(Math.round(days / 365.25), 'year');
}

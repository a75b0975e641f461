// Times as people say them, in the browser's language, and names.
import { h } from './dom.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const distant = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });

export const timeOf = (iso) => clock.format(new Date(iso));

export function dayOf(iso) {
  const date = new Date(iso);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return 'Today';
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday';
  return day.format(date);
}

// A time of today, or a day and a time; of another year, a date.
export function momentOf(iso) {
  const date = new Date(iso);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return timeOf(iso);
  const form = date.getFullYear() === today.getFullYear() ? day : distant;
  return `${form.format(date)}, ${timeOf(iso)}`;
}

export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

// What stands between the members of a list, and they.
const listed = (list) => list.flatMap((one, i) => (i === 0 ? [one] : [i === list.length - 1 ? ' and ' : ', ', one]));

export const names = (list) => listed(list).join('');

// The same to be shown: each keeps its direction to itself.
export const namesShown = (list) => listed(list.map((name) => h('bdi', {}, name)));

// "12 KB", "3.4 MB".
export function sizeOf(bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const at = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  const value = bytes / 1024 ** at;
  return new Intl.NumberFormat(undefined, { style: 'unit', unit: units[at], unitDisplay: at === 0 ? 'long' : 'short', maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 }).format(value);
}

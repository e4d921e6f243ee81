// How instants, spans of time and environments read. All absolute times are UTC, like everything that is signed.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const date = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `22 Nov 2026`. */
export const onDay = (instant: string) => date.format(new Date(instant));

/** `05:14:03`. */
export const atTime = (instant: string) => time.format(new Date(instant));

/** `22 Nov 2026, 05:14:03 UTC`. */
export const atMoment = (instant: string) => `${onDay(instant)}, ${atTime(instant)} UTC`;

/** `just now`, `4 min ago`, `in 3 h`; from two days on, the date. */
export function relative(instant: string, now: number): string {
  const seconds = Math.round((now - Date.parse(instant)) / 1000);
  const size = Math.abs(seconds);
  if (size >= 2 * DAY) return onDay(instant);
  if (size < 45) return seconds >= 0 ? "just now" : "in a moment";
  return seconds > 0 ? `${lasting(size)} ago` : `in ${lasting(size)}`;
}

/** A span in its largest unit: `40 s`, `12 min`, `3 h`, `2 days`. */
export function lasting(seconds: number): string {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

/** A span without rounding, in the largest unit that divides it: `90 s`, `15 min`, `1 day`. */
export function exactly(seconds: number): string {
  if (seconds % DAY === 0) return `${seconds / DAY} day${seconds === DAY ? "" : "s"}`;
  if (seconds % HOUR === 0) return `${seconds / HOUR} h`;
  return seconds % MINUTE === 0 ? `${seconds / MINUTE} min` : `${seconds} s`;
}

/** What is left, to the second: `14:32`, `2:03:10`; `0:00` once it is over. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  const two = (n: number) => String(n).padStart(2, "0");
  const rest = two(seconds % MINUTE);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Seconds between two instants. */
export const secondsBetween = (from: string, to: string) =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));

/** How loud an environment is: production shouts, staging warns, the rest is calm. */
export function environmentTone(env: string): "danger" | "warning" | "calm" {
  if (/(^|[-_.])(prod|production|prd|live)([-_.]|$)/i.test(env)) return "danger";
  if (/(^|[-_.])(staging|stage|stg|preprod|uat)([-_.]|$)/i.test(env)) return "warning";
  return "calm";
}

/** `1 ticket`, `2 tickets`. */
export const counted = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/**
 * A stranger's text for a list or a sentence: characters that are invisible or reorder what is around them are written
 * out. What is signed is revealed by the host, with look-alikes; this keeps everything else from being disguised.
 */
export const visible = (text: string) =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `‹U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );

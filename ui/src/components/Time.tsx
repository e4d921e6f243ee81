// Instants that stay true while they are looked at. Only the text renders again.
import { atMoment, atTime, countdown, onDay, relative } from "../lib/format";
import { useNow } from "./now";

/** `4 min ago`, with the full moment on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={atMoment(at)}>
      {relative(at, now)}
    </time>
  );
}

/** `05:14:03`, with the day before it unless it is today. */
export function At({ at, day = false }: { at: string; day?: boolean }) {
  return (
    <time dateTime={at} title={atMoment(at)}>
      {day ? `${onDay(at)}, ${atTime(at)}` : atTime(at)}
    </time>
  );
}

/** `14:32`, each second, down to `0:00`. */
export function Countdown({ until }: { until: string }) {
  const now = useNow(1_000);
  const left = Date.parse(until) - now;
  return (
    <time
      className={left < 60_000 ? "countdown countdown-short" : "countdown"}
      dateTime={until}
      title={atMoment(until)}
    >
      {countdown(left)}
    </time>
  );
}

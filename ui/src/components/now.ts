// The present. Everyone who asks for the same rhythm shares one timer, and only they render again.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

type Clock = { now: number; hears: Set<() => void>; timer?: ReturnType<typeof setInterval> };

const clocks = new Map<number, Clock>();
const LONGEST_TIMER = 2 ** 31 - 1;

/** The time in milliseconds, new every `rhythm` milliseconds. */
export function useNow(rhythm: number): number {
  const subscribe = useCallback((hear: () => void) => join(rhythm, hear), [rhythm]);
  return useSyncExternalStore(subscribe, () => clockOf(rhythm).now);
}

/** Whether an instant is over; turns true on time, without a rhythm. */
export function useIsOver(instant: string): boolean {
  const at = Date.parse(instant);
  const [over, setOver] = useState(Date.now() >= at);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      const left = at - Date.now();
      setOver(left <= 0);
      if (left > 0) timer = setTimeout(look, Math.min(left, LONGEST_TIMER));
    };
    look();
    return () => clearTimeout(timer);
  }, [at]);
  return over || Date.now() >= at;
}

function clockOf(rhythm: number): Clock {
  const clock = clocks.get(rhythm) ?? { now: Date.now(), hears: new Set() };
  clocks.set(rhythm, clock);
  return clock;
}

function join(rhythm: number, hear: () => void): () => void {
  const clock = clockOf(rhythm);
  if (clock.hears.size === 0) {
    clock.now = Date.now();
    clock.timer = setInterval(() => {
      clock.now = Date.now();
      for (const heard of clock.hears) heard();
    }, rhythm);
  }
  clock.hears.add(hear);
  return () => {
    clock.hears.delete(hear);
    if (clock.hears.size === 0) clearInterval(clock.timer);
  };
}

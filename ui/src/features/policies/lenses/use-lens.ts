// A look at a draft that takes time and follows what is typed. It starts when the typing pauses, is cancelled when the
// text moves on, and what it found stays to be read, marked as of an earlier text. A result is evidence of the text it
// was computed for, and of no other.
import { useCallback, useEffect, useRef, useState } from "react";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import type { WorkProgress } from "../../../lib/shell/shell";

export type LensState = "waiting" | "running" | "current" | "stale" | "cancelled" | "failed";

export type Lens<T> = {
  state: LensState;
  /** The last that was found, for this text or for an earlier one. */
  result: T | null;
  /** Whether `result` is of this very text. */
  isCurrent: boolean;
  progress: WorkProgress | null;
  problem: Problem | null;
  cancel: () => void;
  again: () => void;
};

type Found<T> = { of: string; result: T };
type Ended = { of: string; problem: Problem | null };

const PAUSE_MS = 600;
const TELL_EVERY_MS = 100;
let works = 0;

/** `of` names what is looked at, by digests; `null` while there is nothing that could be. */
export function useLens<T>(of: string | null, run: (work: string) => Promise<T>, pause = PAUSE_MS): Lens<T> {
  const shell = useShell();
  const [found, setFound] = useState<Found<T> | null>(null);
  const [ended, setEnded] = useState<Ended | null>(null);
  const [progress, setProgress] = useState<WorkProgress | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(run);
  latest.current = run;
  const known = found?.of;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks once more for the same
  useEffect(() => {
    if (of === null || known === of) return;
    works += 1;
    const work = `work-${Date.now()}-${works}`;
    let over = false;
    let began = false;
    let told = 0;
    const stop = shell.listen("policy-progress", (said) => {
      if (said.work !== work || Date.now() - told < TELL_EVERY_MS) return;
      told = Date.now();
      setProgress(said.progress);
    });
    const end = (ending: () => void) => {
      if (over) return;
      over = true;
      stop();
      setRunning(null);
      setProgress(null);
      ending();
    };
    const timer = setTimeout(async () => {
      began = true;
      setRunning(work);
      setEnded(null);
      try {
        const result = await latest.current(work);
        end(() => setFound({ of, result }));
      } catch (thrown) {
        const problem = problemFrom(thrown);
        end(() => setEnded({ of, problem: problem.code === "console.cancelled" ? null : problem }));
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      if (began && !over) void shell.cancelPolicyWork(work).catch(() => {});
      end(() => {});
    };
  }, [shell, of, known, turn, pause]);

  const cancel = useCallback(() => {
    if (running) void shell.cancelPolicyWork(running).catch(() => {});
  }, [shell, running]);
  const again = useCallback(() => {
    setFound(null);
    setEnded(null);
    setTurn((before) => before + 1);
  }, []);

  const isCurrent = of !== null && known === of;
  const isEnded = ended !== null && ended.of === of;
  const state = isCurrent
    ? "current"
    : running
      ? "running"
      : isEnded
        ? ended.problem
          ? "failed"
          : "cancelled"
        : of === null && found
          ? "stale"
          : "waiting";
  return {
    state,
    result: found?.result ?? null,
    isCurrent,
    progress,
    problem: isEnded ? ended.problem : null,
    cancel,
    again,
  };
}

// What the engine says of the texts while they are typed. It is asked on this device when the typing pauses, about the
// newest text, one question at a time; an answer about a text that is gone is never taken for one about what is there.
import { useEffect, useRef, useState } from "react";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import type { CheckedPolicies, PolicyOutline, PolicyTexts } from "../../../lib/shell/shell";

const PAUSE_MS = 250;

export type Checking = {
  /** The last answer, for these texts or for earlier ones. */
  checked: CheckedPolicies | null;
  isCurrent: boolean;
  /** Why it could not be checked at all. */
  problem: Problem | null;
  /** The digest of these very texts, once they are known to compile. */
  digest: string | null;
};

export function useChecked(texts: PolicyTexts): Checking {
  const shell = useShell();
  const answer = useNewest(texts, (asked: PolicyTexts) => shell.checkPolicies(asked));
  const isCurrent = answer.of === texts && answer.found !== null;
  const checked = answer.found;
  return {
    checked,
    isCurrent,
    problem: answer.failedOf === texts ? answer.problem : null,
    digest: isCurrent && checked?.problems.length === 0 ? checked.digest : null,
  };
}

/** The names of a schema; while it is being changed and does not compile, those that it had before. */
export function useOutline(texts: PolicyTexts | undefined): PolicyOutline | undefined {
  const shell = useShell();
  const answer = useNewest(texts, (asked: PolicyTexts) => shell.policyOutline(asked));
  return answer.found ?? undefined;
}

type Answer<T, R> = { of: T | undefined; found: R | null; failedOf: T | undefined; problem: Problem | null };

function useNewest<T, R>(subject: T | undefined, ask: (subject: T) => Promise<R>): Answer<T, R> {
  const [answer, setAnswer] = useState<Answer<T, R>>({
    of: undefined,
    found: null,
    failedOf: undefined,
    problem: null,
  });
  const newest = useRef({ subject, ask });
  newest.current = { subject, ask };
  const isAsking = useRef(false);
  const isHere = useRef(true);

  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);

  useEffect(() => {
    if (subject === undefined) return;
    const timer = setTimeout(async () => {
      if (isAsking.current) return;
      isAsking.current = true;
      let asked: T | undefined;
      // Whatever was typed while an answer was under way is asked next.
      while (isHere.current && newest.current.subject !== undefined && asked !== newest.current.subject) {
        const of = newest.current.subject;
        asked = of;
        try {
          const found = await newest.current.ask(of);
          if (isHere.current) setAnswer((before) => ({ ...before, of, found }));
        } catch (thrown) {
          const problem = problemFrom(thrown);
          if (isHere.current) setAnswer((before) => ({ ...before, failedOf: of, problem }));
        }
      }
      isAsking.current = false;
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [subject]);
  return answer;
}

// Making a draft: the key that keeps a repeated request from making two, then on to its page.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { paths } from "../../lib/paths";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import { useRequestKey } from "./request-key";

/** What it is for, and the version that it brings back; without one it begins with what is in force. */
type NewDraft = { title: string; restores: number | null };

export function useNewDraft(onMade: () => void) {
  const shell = useShell();
  const queries = useQueryClient();
  const keyOf = useRequestKey();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const make = async (draft: NewDraft) => {
    setBusy(true);
    try {
      const request = { ...draft, texts: null, cases: null };
      const { id } = await shell.createPolicyDraft(request, keyOf(request));
      void queries.invalidateQueries({ queryKey: keys.policyDrafts });
      onMade();
      window.location.assign(paths.policyDraft(id));
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    }
  };
  return { make, busy, problem };
}

// A draft as it is being written: what is on screen, whether the control plane has it, and saving it. Nothing that was
// typed is replaced by an answer; if somebody else changed the draft meanwhile, the person chooses.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import { keys } from "../../../lib/shell/freshness";
import type { PolicyDraft, TaggedDraft } from "../../../lib/shell/shell";
import { forgetUnsaved, isSaved, keepUnsaved, unsavedOf, type Written } from "./unsaved";

export type DraftWork = Written & {
  id: string;
  /** As the control plane has it. */
  saved: PolicyDraft;
  isDirty: boolean;
  /** Somebody else changed it since this writing began. */
  isElsewhere: boolean;
  isSaving: boolean;
  problem: Problem | null;
  write: (change: Partial<Written>) => void;
  /** Saves what is on screen; gives what the control plane has then, or nothing if it refused. */
  save: (base?: number) => Promise<PolicyDraft | null>;
  /** Takes what the control plane has. */
  discard: () => void;
  /** Keeps what is on screen although somebody else changed the draft. */
  insist: () => void;
};

export function useDraftWork({ draft, tag }: TaggedDraft): DraftWork {
  const shell = useShell();
  const queries = useQueryClient();
  const { id } = draft;
  const [written, setWritten] = useState<Written>(() => unsavedOf(id) ?? writtenIn(draft));
  const [base, setBase] = useState(() => unsavedOf(id)?.base ?? tag);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isDirty = !isSaved(written, draft);
  const latest = useRef(written);
  latest.current = written;

  useEffect(() => {
    if (isDirty) keepUnsaved(id, { ...written, base });
    else forgetUnsaved(id);
  }, [id, written, base, isDirty]);

  useEffect(() => {
    if (!isDirty) setBase(tag);
  }, [isDirty, tag]);

  const write = useCallback((change: Partial<Written>) => {
    setWritten((before) => ({ ...before, ...change }));
    setProblem(null);
  }, []);

  const save = useCallback(
    async (baseVersion?: number) => {
      const sent = latest.current;
      const { title, texts, cases } = sent;
      setSaving(true);
      setProblem(null);
      try {
        const request = { title, texts, cases, base_version: baseVersion ?? null };
        const saved = await shell.replacePolicyDraft(id, request, base);
        queries.setQueryData(keys.policyDraft(id), saved);
        setBase(saved.tag);
        // As the control plane wrote it down, unless somebody typed on meanwhile.
        if (latest.current === sent) setWritten(writtenIn(saved.draft));
        void queries.invalidateQueries({ queryKey: keys.policyDrafts, exact: true });
        return saved.draft;
      } catch (thrown) {
        setProblem(problemFrom(thrown));
        // It may be that somebody else changed it: then what they wrote is what there is to see.
        void queries.invalidateQueries({ queryKey: keys.policyDraft(id) });
        return null;
      } finally {
        setSaving(false);
      }
    },
    [shell, queries, id, base],
  );

  const discard = useCallback(() => {
    setWritten(writtenIn(draft));
    setBase(tag);
    setProblem(null);
  }, [draft, tag]);
  const insist = useCallback(() => {
    setBase(tag);
    setProblem(null);
  }, [tag]);

  const isElsewhere = isDirty && tag !== base;
  return { ...written, id, saved: draft, isDirty, isElsewhere, isSaving, problem, write, save, discard, insist };
}

function writtenIn({ title, texts, cases }: PolicyDraft): Written {
  return { title, texts: { ...texts, invariants: texts.invariants ?? "" }, cases };
}

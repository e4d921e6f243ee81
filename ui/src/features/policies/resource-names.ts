// The resources that a field proposes: those that are known, and the kinds that an action can be about. What is typed
// already stays before each, because a field takes several.
import { useQuery } from "@tanstack/react-query";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { PolicyOutline } from "../../lib/shell/shell";

/** Completions of `typed`; whoever may not see pipelines gets the kinds alone. */
export function useResourceNames(outline: PolicyOutline | undefined, action: string, typed: string) {
  const shell = useShell();
  const { data } = useQuery({ queryKey: keys.policyVocabulary, queryFn: () => shell.policyVocabulary("live") });
  const pipelines = (data?.pipelines ?? []).map((name) => `pipeline:${name}`);
  return resourceNames(outline, action, pipelines, typed);
}

/** An action that nobody knows can be about any kind. */
export function resourceNames(outline: PolicyOutline | undefined, action: string, known: string[], typed: string) {
  const actions = outline?.actions ?? [];
  const fitting = actions.filter(({ name }) => name === action.trim());
  const about = new Set((fitting.length > 0 ? fitting : actions).flatMap(({ resources }) => resources));
  const kinds = [...about].map((kind) => `${kind}:`);
  const before = typed.match(/^.*[,\s]/s)?.[0] ?? "";
  return [...known.filter((name) => kinds.some((kind) => name.startsWith(kind))), ...kinds].map((name) => ({
    value: before + name,
  }));
}

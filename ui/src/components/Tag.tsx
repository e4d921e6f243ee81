// A short word with a tone, such as an environment or a state.
import type { ReactNode } from "react";
import "./tag.css";

export type TagTone = "neutral" | "calm" | "accent" | "success" | "warning" | "danger";

export function Tag({ tone = "neutral", children, title }: { tone?: TagTone; children: ReactNode; title?: string }) {
  return (
    <span className={`tag tag-${tone}`} title={title}>
      {children}
    </span>
  );
}

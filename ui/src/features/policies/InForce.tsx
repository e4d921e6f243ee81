// The set in force, to be read: what is possible, what never is, what needs consent.
import { useEffect, useRef, useState } from "react";
import { Empty } from "../../components/Blank";
import { CopyButton } from "../../components/Copyable";
import { SearchField } from "../../components/SearchField";
import { Tag } from "../../components/Tag";
import { counted, visible } from "../../lib/format";
import type { Policies, Policy } from "../../lib/shell/shell";
import { effectTone, groups } from "./words";

/** `chosen` is the policy that a link led to. */
export function InForce({ set, chosen }: { set: Policies; chosen: string | null }) {
  const [text, setText] = useState("");
  const found = set.policies.filter((policy) => matches(policy, text));
  if (set.policies.length === 0) {
    return (
      <Empty icon="policies" title="There are no policies">
        Without any, everything is denied.
      </Empty>
    );
  }
  return (
    <div className="policies">
      <SearchField label="Search policies" text={text} onText={setText} />
      <p className="visually-hidden" role="status">
        {text && `${counted(found.length, "policy", "policies")} found`}
      </p>
      {groups.map(({ effect, title, lead }) => {
        const policies = found.filter((policy) => policy.effect === effect);
        if (policies.length === 0) return null;
        return (
          <section key={effect} aria-label={title} className="policy-group">
            <header>
              <h2>{title}</h2>
              <p className="muted">{lead}</p>
            </header>
            {policies.map((policy) => (
              <PolicyCard key={policy.id} policy={policy} chosen={policy.id === chosen} />
            ))}
          </section>
        );
      })}
      {found.length === 0 && <p className="muted">No policy has that in its name, its sentence or its text.</p>}
    </div>
  );
}

function matches({ id, title, description, text }: Policy, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const all = `${id} ${title} ${description} ${text}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

function PolicyCard({ policy, chosen }: { policy: Policy; chosen: boolean }) {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!chosen) return;
    card.current?.scrollIntoView({ block: "start" });
    card.current?.focus({ preventScroll: true });
  }, [chosen]);
  return (
    <article
      ref={card}
      tabIndex={-1}
      className={chosen ? "card policy policy-chosen" : "card policy"}
      aria-label={visible(policy.title)}
    >
      <header>
        <h3>{visible(policy.title)}</h3>
        <Tag tone={effectTone[policy.effect] ?? "neutral"}>{policy.effect}</Tag>
        {policy.quorum !== null && <span className="muted">lifted by {counted(policy.quorum, "approver")}</span>}
        <code className="policy-id">{visible(policy.id)}</code>
      </header>
      {policy.description && <p>{visible(policy.description)}</p>}
      <div className="policy-text">
        <pre>{policy.text}</pre>
        <CopyButton text={policy.text} what={`the text of ${visible(policy.title)}`} />
      </div>
    </article>
  );
}

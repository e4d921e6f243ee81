// The policies in force, to be read.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Empty, Failed, Loading } from "../../components/Blank";
import { CopyButton } from "../../components/Copyable";
import { Room } from "../../components/Room";
import { Tag, type TagTone } from "../../components/Tag";
import { counted } from "../../lib/format";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Policies, Policy } from "../../lib/shell/shell";
import "./policies.css";

/** `chosen` is the policy that a link led to. */
export function PoliciesRoom({ chosen }: { chosen: string | null }) {
  const shell = useShell();
  const policies = useQuery({ queryKey: keys.policies, queryFn: () => shell.policies() });
  return (
    <Room title="Policies" lead={policies.data && <Version set={policies.data} />}>
      {policies.isPending && <Loading what="policies" />}
      {policies.error && !policies.data && (
        <Failed title="The policies cannot be read." problem={policies.error} onRetry={() => policies.refetch()} />
      )}
      {policies.data?.policies.length === 0 && (
        <Empty icon="policies" title="There are no policies">
          Without any, everything is denied.
        </Empty>
      )}
      <div className="policies">
        {policies.data?.policies.map((policy) => (
          <PolicyCard key={policy.id} policy={policy} chosen={policy.id === chosen} />
        ))}
      </div>
    </Room>
  );
}

function Version({ set }: { set: Policies }) {
  return (
    <span className="policies-version">
      Version {set.version} is in force. {set.sample && <Tag tone="calm">Sample</Tag>} <code>{set.digest}</code>
    </span>
  );
}

const tones: Record<string, TagTone> = { permit: "success", forbid: "danger", guard: "warning" };

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
      aria-label={policy.title}
    >
      <header>
        <h2>{policy.title}</h2>
        <Tag tone={tones[policy.effect] ?? "neutral"}>{policy.effect}</Tag>
        {policy.quorum !== null && <span className="muted">lifted by {counted(policy.quorum, "approver")}</span>}
        <code className="policy-id">{policy.id}</code>
      </header>
      <p>{policy.description}</p>
      <div className="policy-text">
        <pre>{policy.text}</pre>
        <CopyButton text={policy.text} what={`the text of ${policy.title}`} />
      </div>
    </article>
  );
}

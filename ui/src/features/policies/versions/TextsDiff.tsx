// The difference between two sets of texts, each text that differs by itself.
import { CodeDiff } from "../../../components/code/CodeDiff";
import type { PolicyTexts } from "../../../lib/shell/shell";
import { cedarPolicies, cedarSchema } from "../cedar/tokens";

const files = [
  { name: "Policies", of: (texts: PolicyTexts) => texts.policies, language: cedarPolicies },
  { name: "Schema", of: (texts: PolicyTexts) => texts.schema, language: cedarSchema },
  { name: "Invariants", of: (texts: PolicyTexts) => texts.invariants ?? "", language: cedarPolicies },
];

type Props = { before: PolicyTexts; after: PolicyTexts; heading?: "h2" | "h4" };

export function TextsDiff({ before, after, heading: Heading = "h2" }: Props) {
  const different = files.filter(({ of }) => of(before) !== of(after));
  if (different.length === 0) return <p className="muted">The texts are the same.</p>;
  return (
    <div className="texts-diff">
      {different.map(({ name, of, language }) => (
        <section key={name} aria-label={`Difference in ${name.toLowerCase()}`}>
          <Heading>{name}</Heading>
          <CodeDiff
            label={`Difference in ${name.toLowerCase()}`}
            before={of(before)}
            after={of(after)}
            language={language}
          />
        </section>
      ))}
    </div>
  );
}

// The versions as the chain they are: each signed by people of the one before.
import { Section } from "../../components/Room";
import { Ago } from "../../components/Time";
import type { RosterPage } from "../../lib/shell/shell";

export function Versions({ roster: { versions, digest } }: { roster: Pick<RosterPage, "versions" | "digest"> }) {
  return (
    <Section title="Versions">
      <ol className="versions">
        {versions.map((version, at) => (
          <li key={version.version} className={at === 0 ? "version version-live" : "version"}>
            <span className="version-number">{version.version}</span>
            <div>
              <p>
                {version.sentence} <span className="muted">{at === 0 && "In force."}</span>
              </p>
              <p className="muted">
                Signed by {version.signed_by.join(", ")} · <Ago at={version.issued_at} />
              </p>
              {at === 0 && digest && <code className="version-digest">{digest}</code>}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}

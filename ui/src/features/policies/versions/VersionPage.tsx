// One version held against any other: what it says, and what is different.
import { Failed, Loading } from "../../../components/Blank";
import { SelectField } from "../../../components/Field";
import { Room } from "../../../components/Room";
import { At } from "../../../components/Time";
import { counted, visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import { useVersion, useVersions } from "../queries";
import { TextsDiff } from "./TextsDiff";
import { useNames } from "./Versions";
import "../policies.css";

type Props = { version: number; against: number | null; onAgainst: (against: number) => void };

export function VersionPage({ version, against, onAgainst }: Props) {
  const versions = useVersions();
  const older = versions.data?.find((known) => known.version < version)?.version ?? null;
  const other = against ?? older;
  const here = useVersion(version);
  const there = useVersion(other);
  const nameOf = useNames();
  const known = here.data;
  return (
    <Room
      title={`Version ${version}`}
      lead={
        known && (
          <>
            {visible(known.title)}. In force since <At at={known.published_at} day />
            {known.published_by && `, published by ${nameOf(known.published_by)}`}, with{" "}
            {counted(known.cases.length, "test")}. <code className="policy-digest">{known.digest}</code>
          </>
        )
      }
      actions={<a href={paths.policies()}>All policies</a>}
    >
      {here.isPending && <Loading what={`version ${version}`} />}
      {here.error && !known && (
        <Failed title="The version cannot be read." problem={here.error} onRetry={() => here.refetch()} />
      )}
      {versions.data && versions.data.length > 1 && (
        <div className="against">
          <SelectField
            label="Held against"
            value={other ?? ""}
            onChange={({ target }) => onAgainst(Number(target.value))}
          >
            {other === null && <option value="">nothing</option>}
            {versions.data
              .filter((one) => one.version !== version)
              .map((one) => (
                <option key={one.version} value={one.version}>
                  version {one.version}: {visible(one.title)}
                </option>
              ))}
          </SelectField>
        </div>
      )}
      {there.error && !there.data && (
        <Failed title="The other version cannot be read." problem={there.error} onRetry={() => there.refetch()} />
      )}
      {known && there.data && <TextsDiff before={there.data.texts} after={known.texts} />}
      {known && other === null && <pre className="well">{known.texts.policies}</pre>}
    </Room>
  );
}

// The tests of a draft: what each expects, whether the texts on screen answer so, and which policies no test touches.
import { useState } from "react";
import { Empty } from "../../../components/Blank";
import { Button } from "../../../components/Button";
import { Note } from "../../../components/Note";
import { Tag } from "../../../components/Tag";
import { counted, visible } from "../../../lib/format";
import type { PolicyCase, PolicyCaseResult, PolicyOutline, PolicySuiteReport } from "../../../lib/shell/shell";
import type { Lens } from "../lenses/use-lens";
import { answerWords } from "../words";
import { CaseDialog } from "./CaseDialog";

type Props = {
  cases: PolicyCase[];
  onCases: (cases: PolicyCase[]) => void;
  lens: Lens<PolicySuiteReport>;
  outline: PolicyOutline | undefined;
};

export function CasesTab({ cases, onCases, lens, outline }: Props) {
  const [editing, setEditing] = useState<number | "new" | null>(null);
  const report = lens.result;
  const put = (one: PolicyCase) => {
    onCases(editing === "new" ? [...cases, one] : cases.map((other, at) => (at === editing ? one : other)));
    setEditing(null);
  };
  return (
    <div className="cases">
      <div className="cases-head">
        <p role="status">
          {report && lens.isCurrent ? (
            <>
              {report.failed > 0 && <Tag tone="danger">{counted(report.failed, "test")} failing</Tag>}{" "}
              {report.passed > 0 && <Tag tone="success">{counted(report.passed, "test")} passing</Tag>}
            </>
          ) : (
            <span className="muted">{cases.length > 0 && "The tests run when the text compiles."}</span>
          )}
        </p>
        <Button small onClick={() => setEditing("new")}>
          Add a test…
        </Button>
      </div>
      {lens.state === "failed" && (
        <Note tone="danger" title="The tests could not be run.">
          {lens.problem?.message}
        </Note>
      )}
      {cases.length === 0 && (
        <Empty icon="policies" title="There are no tests">
          A test is a question with the answer it must have. Nothing is published while one fails. “Make a test of it”,
          in Proved and in Past, writes them.
        </Empty>
      )}
      <ul className="case-list" aria-label="Tests">
        {cases.map((one, at) => (
          <CaseRow
            // biome-ignore lint/suspicious/noArrayIndexKey: two cases may have one name until it is mended
            key={at}
            one={one}
            result={lens.isCurrent ? (report?.results[at] ?? null) : null}
            onEdit={() => setEditing(at)}
            onRemove={() => onCases(cases.filter((_, other) => other !== at))}
          />
        ))}
      </ul>
      {report && lens.isCurrent && report.untouched.length > 0 && (
        <Note tone="warning" title={`${counted(report.untouched.length, "policy", "policies")} in no test.`}>
          Nothing would notice if they were gone: {report.untouched.map(visible).join(", ")}.
        </Note>
      )}
      {editing !== null && (
        <CaseDialog
          start={editing === "new" ? null : (cases[editing] ?? null)}
          taken={cases.filter((_, at) => at !== editing).map(({ name }) => name)}
          outline={outline}
          onDone={put}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  );
}

type RowProps = { one: PolicyCase; result: PolicyCaseResult | null; onEdit: () => void; onRemove: () => void };

function CaseRow({ one, result, onEdit, onRemove }: RowProps) {
  const name = visible(one.name);
  return (
    <li className={result && !result.passed ? "case case-failing" : "case"}>
      <div className="case-head">
        {result === null ? (
          <Tag>not run</Tag>
        ) : (
          <Tag tone={result.passed ? "success" : "danger"}>{result.passed ? "passes" : "fails"}</Tag>
        )}
        <strong className="case-name">{name}</strong>
        <span className="case-actions">
          <Button small tone="quiet" aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit…
          </Button>
          <Button small tone="quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </Button>
        </span>
      </div>
      <p className="muted">
        <code>{visible(one.principal)}</code> {visible(one.action)} on {one.resources.map(visible).join(", ")} in{" "}
        {visible(one.env)}
        {one.approval && `, with ${counted(one.approval.approvers, "approver")}`}: expected{" "}
        {answerWords(one.expect.outcome, one.expect.approvers ?? null)}
      </p>
      {result && result.complaints.length > 0 && (
        <ul className="complaints">
          {result.complaints.map((complaint) => (
            <li key={complaint}>{visible(complaint)}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

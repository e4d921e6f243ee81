// Writes one test: as a form that completes names, or as JSON, which has all of it.
import { useId, useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { SelectField, TextArea, TextField } from "../../../components/Field";
import { Tabs } from "../../../components/Tabs";
import type { Outcome, PolicyCase, PolicyOutline } from "../../../lib/shell/shell";
import { Names } from "../Names";
import { useKnownPrincipals } from "../queries";
import { useResourceNames } from "../resource-names";
import { outcomeWord } from "../words";
import { type CaseFields, caseOf, errorsIn, fieldsOf } from "./case-fields";
import { caseFromJson, jsonOf } from "./case-json";

type Props = {
  start: PolicyCase | null;
  taken: string[];
  outline: PolicyOutline | undefined;
  onDone: (one: PolicyCase) => void;
  onClose: () => void;
};

export function CaseDialog({ start, taken, outline, onDone, onClose }: Props) {
  const [base, setBase] = useState(start);
  const [fields, setFields] = useState(() => fieldsOf(start));
  const [json, setJson] = useState("");
  const [way, setWay] = useState("form");
  const [tried, setTried] = useState(false);
  const errors = errorsIn(fields, taken);
  const read = way === "json" ? caseFromJson(json) : null;
  const jsonError = read
    ? "error" in read
      ? read.error
      : taken.includes(read.one.name)
        ? "Another test has this `name`."
        : undefined
    : undefined;

  const turn = (to: string) => {
    if (to === way) return;
    if (to === "json") setJson(jsonOf(caseOf(fields, base)));
    if (read) {
      // What cannot be read stays where it can be mended.
      if ("error" in read) return;
      setBase(read.one);
      setFields(fieldsOf(read.one));
    }
    setWay(to);
  };
  const done = () => {
    setTried(true);
    if (read) {
      if ("one" in read && !jsonError) onDone(read.one);
    } else if (Object.keys(errors).length === 0) onDone(caseOf(fields, base));
  };

  return (
    <Dialog
      title={start ? "Edit a test" : "Add a test"}
      shape="wide"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" onClick={done}>
            {start ? "Change the test" : "Add the test"}
          </Button>
        </>
      }
    >
      <Tabs
        label="Ways to write it"
        open={way}
        onOpen={turn}
        tabs={[
          {
            id: "form",
            label: "Form",
            content: (
              <CaseForm
                fields={fields}
                errors={tried ? errors : {}}
                outline={outline}
                onFields={(change) => setFields((before) => ({ ...before, ...change }))}
              />
            ),
          },
          {
            id: "json",
            label: "JSON",
            content: (
              <TextArea
                label="The test as JSON"
                className="input mono case-json"
                rows={18}
                spellCheck={false}
                value={json}
                error={jsonError}
                onChange={({ target }) => setJson(target.value)}
              />
            ),
          },
        ]}
      />
    </Dialog>
  );
}

type FormProps = {
  fields: CaseFields;
  errors: Partial<Record<keyof CaseFields, string>>;
  outline: PolicyOutline | undefined;
  onFields: (change: Partial<CaseFields>) => void;
};

function CaseForm({ fields, errors, outline, onFields }: FormProps) {
  const principals = useKnownPrincipals();
  const resources = useResourceNames(outline, fields.action, fields.resources);
  const list = useId();
  const of = (name: keyof CaseFields) => ({
    value: fields[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => onFields({ [name]: target.value }),
  });
  return (
    <div className="case-form">
      <TextField label="What it shows" placeholder="a nightly run in production waits for two people" {...of("name")} />
      <div className="field-row">
        <TextField
          label="Who asks"
          list={`${list}-who`}
          placeholder="service_account:billing-ci"
          {...of("principal")}
        />
        <TextField label="Teams" placeholder="none" {...of("teams")} />
        <TextField label="Workspaces" placeholder="everywhere" {...of("workspaces")} />
      </div>
      <div className="field-row">
        <TextField label="Action" list={`${list}-action`} {...of("action")} />
        <TextField label="Resources" list={`${list}-on`} placeholder="pipeline:billing/nightly" {...of("resources")} />
        <TextField label="Environment" list={`${list}-env`} {...of("env")} />
      </div>
      <div className="field-row">
        <TextField
          label="Approved by how many"
          inputMode="numeric"
          placeholder="nobody was asked"
          {...of("approvers")}
        />
        <TextField label="Groups among them" placeholder="none" {...of("groups")} />
      </div>
      <div className="field-row">
        <SelectField
          label="Expected answer"
          {...of("outcome")}
          onChange={({ target }) => onFields({ outcome: target.value as Outcome })}
        >
          {(Object.keys(outcomeWord) as Outcome[]).map((outcome) => (
            <option key={outcome} value={outcome}>
              {outcomeWord[outcome]}
            </option>
          ))}
        </SelectField>
        {fields.outcome === "require_approval" && (
          <TextField label="Approvers it asks for" inputMode="numeric" placeholder="any number" {...of("needed")} />
        )}
        <TextField label="Because of" placeholder="any policy" {...of("because")} />
      </div>
      <Names id={`${list}-who`} options={principals} />
      <Names id={`${list}-action`} options={(outline?.actions ?? []).map(({ name }) => ({ value: name }))} />
      <Names id={`${list}-on`} options={resources} />
      <Names id={`${list}-env`} options={(outline?.environments ?? []).map((value) => ({ value }))} />
    </div>
  );
}

// Asks one question of a set, with nothing recorded and nothing done: the answer in words, what it takes, and what each
// policy makes of it. Once asked, it follows the text.
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../../components/Button";
import { SelectField, TextField } from "../../../components/Field";
import { useShell } from "../../../lib/shell/context";
import type { PolicyOutline, SimulatedQuestion, Subject } from "../../../lib/shell/shell";
import { names } from "../cases/case-fields";
import { LensBar } from "../lenses/LensBar";
import { useLens } from "../lenses/use-lens";
import { Names } from "../Names";
import { useKnownPrincipals } from "../queries";
import { useResourceNames } from "../resource-names";
import { SimulationAnswer } from "./SimulationAnswer";

type Props = {
  subject: Subject;
  /** Names the subject: the digest of its texts; `null` while they do not compile. */
  of: string | null;
  outline: PolicyOutline | undefined;
};

type Fields = Record<
  "principal" | "action" | "resources" | "env" | "approvers" | "groups" | "ip" | "mode" | "from",
  string
>;

const blank: Fields = {
  principal: "",
  action: "",
  resources: "",
  env: "",
  approvers: "",
  groups: "",
  ip: "",
  mode: "",
  from: "",
};

export function SimulatePanel({ subject, of, outline }: Props) {
  const shell = useShell();
  const principals = useKnownPrincipals();
  const list = useId();
  const [fields, setFields] = useState(blank);
  const resources = useResourceNames(outline, fields.action, fields.resources);
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState<SimulatedQuestion | null>(null);
  const key = asked && of && `${of} ${JSON.stringify(asked)}`;
  const lens = useLens(key, () => shell.simulatePolicies({ subject, question: asked as SimulatedQuestion }), 50);
  const errors = tried ? errorsIn(fields) : {};

  const set = (name: keyof Fields) => ({
    value: fields[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: target.value })),
  });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(errorsIn(fields)).length === 0) setAsked(questionOf(fields));
  };

  return (
    <div className="lens simulate">
      <form noValidate onSubmit={ask} aria-label="A question">
        <TextField
          label="Who asks"
          list={`${list}-who`}
          placeholder="service_account:billing-ci"
          {...set("principal")}
        />
        <div className="field-row">
          <TextField label="Action" list={`${list}-action`} {...set("action")} />
          <TextField label="Environment" list={`${list}-env`} {...set("env")} />
        </div>
        <TextField label="Resources" list={`${list}-on`} placeholder="pipeline:billing/nightly" {...set("resources")} />
        <div className="field-row">
          <TextField
            label="Approved by how many"
            inputMode="numeric"
            placeholder="nobody was asked"
            {...set("approvers")}
          />
          <TextField label="Groups among them" placeholder="none" {...set("groups")} />
        </div>
        <details>
          <summary>About the request</summary>
          <div className="field-row">
            <TextField label="From which address" placeholder="not said" {...set("ip")} />
            <SelectField label="Runs where" {...set("mode")}>
              <option value="">not said</option>
              <option value="local">on the machine that asks</option>
              <option value="hybrid">partly there</option>
              <option value="remote">elsewhere</option>
            </SelectField>
            <SelectField label="Started by" {...set("from")}>
              <option value="">not said</option>
              <option value="cli">a person at a terminal</option>
              <option value="automated">a schedule or a build</option>
              <option value="remote">another system</option>
            </SelectField>
          </div>
        </details>
        <Button type="submit" tone="primary" busy={lens.state === "running"}>
          Ask
        </Button>
      </form>
      {asked && <LensBar lens={lens} what="The question" />}
      {lens.result && <SimulationAnswer answer={lens.result} isCurrent={lens.isCurrent} />}
      <Names id={`${list}-who`} options={principals} />
      <Names id={`${list}-action`} options={(outline?.actions ?? []).map(({ name }) => ({ value: name }))} />
      <Names id={`${list}-on`} options={resources} />
      <Names id={`${list}-env`} options={(outline?.environments ?? []).map((value) => ({ value }))} />
    </div>
  );
}

function errorsIn(fields: Fields): Partial<Record<keyof Fields, string>> {
  const errors: Partial<Record<keyof Fields, string>> = {};
  if (!/^(user|service_account):.+/.test(fields.principal.trim())) {
    errors.principal = "Write it as user:… or service_account:….";
  }
  if (fields.action.trim() === "") errors.action = "Name an action.";
  if (names(fields.resources).length === 0) errors.resources = "Name at least one, as kind:name.";
  if (fields.env.trim() === "") errors.env = "Name an environment.";
  if (!/^\d{0,3}$/.test(fields.approvers.trim())) errors.approvers = "A number, or nothing.";
  return errors;
}

function questionOf(fields: Fields): SimulatedQuestion {
  const approvers = fields.approvers.trim();
  return {
    principal: fields.principal.trim(),
    teams: null,
    scopes: null,
    workspaces: null,
    action: fields.action.trim(),
    resources: names(fields.resources),
    env: fields.env.trim(),
    context: {
      ...(fields.ip.trim() && { ip: fields.ip.trim() }),
      ...(fields.mode && { execution_mode: fields.mode as "local" | "hybrid" | "remote" }),
      ...(fields.from && { execution_context: fields.from as "cli" | "automated" | "remote" }),
    },
    known: {},
    now: null,
    approvers: approvers === "" ? null : Number(approvers),
    groups: names(fields.groups),
  };
}

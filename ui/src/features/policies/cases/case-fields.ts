// A test as a form has it, all text, and back. What a form does not show of a test stays in it.
import type { Outcome, PolicyCase } from "../../../lib/shell/shell";

export type CaseFields = {
  name: string;
  principal: string;
  teams: string;
  workspaces: string;
  action: string;
  resources: string;
  env: string;
  approvers: string;
  groups: string;
  outcome: Outcome;
  needed: string;
  because: string;
};

export type FieldErrors = Partial<Record<keyof CaseFields, string>>;

export function fieldsOf(one: PolicyCase | null): CaseFields {
  return {
    name: one?.name ?? "",
    principal: one?.principal ?? "",
    teams: list(one?.teams),
    workspaces: list(one?.workspaces),
    action: one?.action ?? "",
    resources: list(one?.resources),
    env: one?.env ?? "",
    approvers: one?.approval ? String(one.approval.approvers) : "",
    groups: list(one?.approval?.groups),
    outcome: one?.expect.outcome ?? "require_approval",
    needed: one?.expect.approvers ? String(one.expect.approvers) : "",
    because: list(one?.expect.because),
  };
}

/** What is wrong with each field. */
export function errorsIn(fields: CaseFields, taken: string[]): FieldErrors {
  const errors: FieldErrors = {};
  const name = fields.name.trim();
  if (name === "") errors.name = "Say what it shows, as a sentence.";
  else if (taken.includes(name)) errors.name = "Another test has this name.";
  if (!/^(user|service_account):.+/.test(fields.principal.trim())) {
    errors.principal = "Write it as user:… or service_account:….";
  }
  if (fields.action.trim() === "") errors.action = "Name an action.";
  if (names(fields.resources).length === 0) errors.resources = "Name at least one, as kind:name.";
  else if (names(fields.resources).some((one) => !/^[a-z][a-z0-9_]*:.+/.test(one))) {
    errors.resources = "Write each as kind:name, such as pipeline:billing/nightly.";
  }
  if (fields.env.trim() === "") errors.env = "Name an environment.";
  if (!isCount(fields.approvers)) errors.approvers = "A number from 0 to 100, or nothing.";
  if (!isCount(fields.needed)) errors.needed = "A number from 0 to 100, or nothing.";
  return errors;
}

/** The test that the fields say. */
export function caseOf(fields: CaseFields, before: PolicyCase | null): PolicyCase {
  const {
    approval: known,
    expect: expected,
    teams: _,
    workspaces: __,
    ...rest
  } = before ?? ({} as Partial<PolicyCase>);
  const approvers = fields.approvers.trim();
  const needed = fields.needed.trim();
  return {
    ...rest,
    name: fields.name.trim(),
    principal: fields.principal.trim(),
    ...(names(fields.teams).length > 0 && { teams: names(fields.teams) }),
    ...(names(fields.workspaces).length > 0 && { workspaces: names(fields.workspaces) }),
    action: fields.action.trim(),
    resources: names(fields.resources),
    env: fields.env.trim(),
    ...(approvers !== "" && {
      approval: {
        approvers: Number(approvers),
        groups: names(fields.groups),
        ...(known?.granted_at
          ? { granted_at: known.granted_at }
          : { granted_seconds_ago: known?.granted_seconds_ago ?? 0 }),
        ...(known?.expires_at && { expires_at: known.expires_at }),
      },
    }),
    expect: {
      outcome: fields.outcome,
      ...(names(fields.because).length > 0 && { because: names(fields.because) }),
      ...(fields.outcome === "require_approval" && needed !== "" && { approvers: Number(needed) }),
      ...(expected?.groups && fields.outcome === "require_approval" && { groups: expected.groups }),
    },
  };
}

/** Names separated by commas or spaces. */
export const names = (text: string) => text.split(/[\s,]+/).filter(Boolean);

const list = (all: string[] | null | undefined) => (all ?? []).join(", ");
const isCount = (text: string) => /^\d{0,3}$/.test(text.trim()) && Number(text) <= 100;

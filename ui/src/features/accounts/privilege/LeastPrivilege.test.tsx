import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { anAppState, aSession } from "../../../fixtures/app";
import { somePolicies } from "../../../fixtures/policies";
import { policyShell } from "../../../fixtures/policy-shell";
import { someAccounts } from "../../../fixtures/rooms";
import { aUsagePage } from "../../../fixtures/usage";
import { Problem } from "../../../lib/problem";
import type { ServiceAccount } from "../../../lib/shell/shell";
import { type FakeShell, fakeShell } from "../../../testing/fake-shell";
import { showConsole, structuralFaults } from "../../../testing/show";
import { linesOf } from "./GrantDiff";

const billing = someAccounts[0] as ServiceAccount;
const showBilling = (shell?: FakeShell) => showConsole("/accounts/billing-ci", shell);
const row = async (table: string, name: string) =>
  within((await screen.findByRole("table", { name: table })) as HTMLElement)
    .getByText(name)
    .closest("tr")?.textContent ?? "";
const button = (name: string) => screen.findByRole("button", { name });

it("tells by word what was used, what was not, and what cannot be told", async () => {
  showBilling();
  expect(await row("Scopes and their use", "pipelines:execute")).toContain("used2,841");
  expect(await row("Scopes and their use", "logs:read")).toContain("not used0never seen");
  expect(await row("Scopes and their use", "pipelines:read")).toContain("cannot be told");
  expect(await row("Resources and their use", "pipeline:billing/quarterly-close")).toContain("by namenot used");
  expect(screen.getByText("4 scopes given:")).toBeTruthy();
  expect(await structuralFaults()).toEqual([]);
});

it("asks for another time", async () => {
  const accountUsage = vi.fn(async (_name: string, days: number) => aUsagePage(billing, days));
  const { user } = showBilling(fakeShell({ accountUsage }));
  await user.selectOptions(await screen.findByRole("combobox", { name: "Used in the" }), "Last 7 days");
  expect(
    await screen.findByText("`logs:read` was not used in 7 days, and its use would have left an entry"),
  ).toBeTruthy();
  expect(accountUsage.mock.calls.map(([, days]) => days)).toEqual([90, 7]);
});

it("applies a grant only after a replay of it, as it was replayed", async () => {
  const narrowAccount = vi.fn(async () => billing);
  const shell = fakeShell({ narrowAccount });
  const replayPolicies = vi.spyOn(shell, "replayPolicies");
  const { user } = showBilling(shell);
  expect(await button("Apply…")).toHaveProperty("disabled", true);
  await user.click(await button("Replay its decisions"));
  expect(await screen.findByText("2,903 decisions would be the same.")).toBeTruthy();
  const grant = {
    principal: "service_account:billing-ci",
    scopes: ["decisions:request", "pipelines:execute", "pipelines:read"],
    workspaces: null,
  };
  expect(replayPolicies.mock.calls[0]?.[1]).toMatchObject({ subject: "live", until: null, grant });
  await user.click(await button("Apply…"));
  const dialog = within(await screen.findByRole("dialog", { name: "Narrow what billing-ci may do" }));
  expect(dialog.getByText("Nothing that it asked for would have been denied.")).toBeTruthy();
  await user.click(dialog.getByRole("button", { name: "Apply it" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(narrowAccount).toHaveBeenCalledWith({
    name: "billing-ci",
    grant,
    tag: '"1"',
    policy_set: somePolicies.digest,
  });
  expect(await screen.findByText("billing-ci holds the narrower grant.")).toBeTruthy();
});

it("wants a second thought where something would have been denied", async () => {
  const narrowAccount = vi.fn(async () => Promise.reject({ code: "console.stale", detail: "the account was changed" }));
  const shell = fakeShell({ narrowAccount });
  const harmful = policyShell("harm", shell.say, 100);
  const { user } = showBilling({ ...shell, replayPolicies: harmful.replayPolicies });
  await user.click(await button("Replay its decisions"));
  expect(await screen.findByText("allowed → denied")).toBeTruthy();
  await user.click(await button("Apply…"));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Apply it" })).toHaveProperty("disabled", true);
  await user.click(dialog.getByRole("checkbox", { name: "Apply it all the same" }));
  await user.click(dialog.getByRole("button", { name: "Apply it" }));
  expect(await dialog.findByText("The account was changed")).toBeTruthy();
});

it("says that a replay of nothing says nothing", async () => {
  const page = aUsagePage(billing);
  const accountUsage = async () => ({ ...page, usage: { ...page.usage, decisions: 0 } });
  const { user } = showBilling(fakeShell({ accountUsage }));
  await user.click(await button("Replay its decisions"));
  await waitFor(async () => expect(await button("Apply…")).toHaveProperty("disabled", false));
  await user.click(await button("Apply…"));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("So the replay says nothing about what it will need.")).toBeTruthy();
  expect(dialog.getByRole("button", { name: "Apply it" })).toHaveProperty("disabled", true);
});

it("takes a replay for nothing once the account or the policies are others", async () => {
  let revision = 1;
  let digest = somePolicies.digest;
  const shell = fakeShell({
    accountUsage: async (_name, days) => aUsagePage(billing, days, revision),
    policies: async () => ({ ...somePolicies, digest }),
  });
  const { user } = showBilling(shell);
  const again = async () => {
    await user.click(await button("Replay its decisions"));
    await waitFor(async () => expect(await button("Apply…")).toHaveProperty("disabled", false));
  };
  await again();
  revision = 2;
  shell.say("changed", { kind: "account.changed", about: "billing-ci" });
  await waitFor(async () => expect(await button("Apply…")).toHaveProperty("disabled", true));
  expect(screen.getByText("Stale: for an earlier grant")).toBeTruthy();
  await again();
  digest = `sha256:${"9".repeat(64)}`;
  shell.say("changed", { kind: "policy.published", about: null });
  await waitFor(async () => expect(await button("Apply…")).toHaveProperty("disabled", true));
});

it("cancels a replay", async () => {
  const cancelPolicyWork = vi.fn(async () => null);
  const { user } = showBilling(fakeShell({ replayPolicies: () => new Promise(() => {}), cancelPolicyWork }));
  await user.click(await button("Replay its decisions"));
  expect(await screen.findByRole("progressbar", { name: "Progress of The replay" })).toBeTruthy();
  await user.click(await button("Cancel"));
  expect(cancelPolicyWork).toHaveBeenCalled();
});

it("says what is missing instead of offering what cannot be done", async () => {
  const who = { ...aSession().who, scopes: ["accounts:read", "audit:read", "policies:read"] };
  showBilling(fakeShell({ appState: async () => anAppState({ session: aSession({ who }) }) }));
  expect(await screen.findByText("This needs the scope accounts:write, which you do not have.")).toBeTruthy();
});

it("proposes nothing where everything was used, and tells why usage cannot be read", async () => {
  const page = aUsagePage(billing);
  showBilling(
    fakeShell({ accountUsage: async () => ({ ...page, usage: { ...page.usage, proposal: null, complete: false } }) }),
  );
  expect(await screen.findByText(/There is none: everything/)).toBeTruthy();
  expect(screen.getByText("Some of its decisions cannot be read.")).toBeTruthy();
  cleanup();
  showBilling(
    fakeShell({ accountUsage: () => Promise.reject(new Problem("service.unavailable", "the disk is full")) }),
  );
  expect(await screen.findByText("The disk is full")).toBeTruthy();
});

it("shows workspaces that are given for the first time as a narrowing", () => {
  expect(linesOf([], ["billing"], "every workspace")).toEqual([
    { name: "every workspace", change: "goes" },
    { name: "billing", change: "comes" },
  ]);
  expect(linesOf(["a", "b"], ["a"], null)).toEqual([
    { name: "a", change: "stays" },
    { name: "b", change: "goes" },
  ]);
});

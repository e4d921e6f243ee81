import { screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { anAppState, aSession } from "../../fixtures/app";
import { fakeShell } from "../../testing/fake-shell";
import { show, showConsole, structuralFaults } from "../../testing/show";
import { PoliciesRoom } from "./PoliciesRoom";

const policiesIn = async (group: string) =>
  within(await screen.findByRole("region", { name: group }))
    .getAllByRole("article")
    .map((card) => card.getAttribute("aria-label"));

it("groups policies by what they are about", async () => {
  show(<PoliciesRoom chosen={null} />);
  expect(await policiesIn("What is possible")).toEqual(["Scopes permit"]);
  expect(await policiesIn("What never is")).toEqual([
    "Stay inside the named workspaces",
    "Agents stay out of production",
  ]);
  expect(await policiesIn("What needs consent")).toEqual(["Production needs two people"]);
  expect(screen.getByText("lifted by 2 approvers")).toBeTruthy();
});

it("finds policies by their words", async () => {
  const { user } = show(<PoliciesRoom chosen={null} />);
  await user.type(await screen.findByRole("searchbox", { name: "Search policies" }), "agents prod");
  await waitFor(() => expect(screen.getAllByRole("article")).toHaveLength(1));
  expect(screen.getByRole("article", { name: "Agents stay out of production" })).toBeTruthy();
});

it("gives the focus to the policy that a link led to", async () => {
  show(<PoliciesRoom chosen="prod-needs-two" />);
  const card = await screen.findByRole("article", { name: "Production needs two people" });
  expect(document.activeElement).toBe(card);
});

it("rolls back by a draft that brings the version back", async () => {
  const createPolicyDraft = vi.fn(fakeShell().createPolicyDraft);
  const { user } = show(<PoliciesRoom chosen={null} />, fakeShell({ createPolicyDraft }));
  await user.click(await screen.findByRole("tab", { name: "Versions" }));
  await user.click(await screen.findByRole("button", { name: "Roll back to version 4" }));
  await user.click(screen.getByRole("button", { name: "Make the draft" }));
  await waitFor(() => expect(window.location.hash).toMatch(/^#\/policies\/drafts\/drf_/));
  expect(createPolicyDraft.mock.calls[0]?.[0].restores).toBe(4);
});

it("asks once for one draft, however often the answer is lost", async () => {
  const keys: string[] = [];
  const createPolicyDraft = async (_draft: unknown, key: string) => {
    keys.push(key);
    return Promise.reject({ code: "console.offline", detail: "the control plane does not answer" });
  };
  const { user } = show(<PoliciesRoom chosen={null} />, fakeShell({ createPolicyDraft }));
  await user.click(await screen.findByRole("button", { name: "Begin a draft…" }));
  await user.click(screen.getByRole("button", { name: "Begin" }));
  expect(screen.getByText("Say what it is for.")).toBeTruthy();
  const title = screen.getByRole("textbox", { name: "What it is for" });
  await user.type(title, "nights");
  await user.click(screen.getByRole("button", { name: "Begin" }));
  expect(await screen.findByText("The control plane does not answer")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Begin" }));
  await user.type(title, "!");
  await user.click(screen.getByRole("button", { name: "Begin" }));
  await waitFor(() => expect(keys).toHaveLength(3));
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[0]);
});

it("says what stands in a draft's way", async () => {
  const { user } = show(<PoliciesRoom chosen={null} />);
  await user.click(await screen.findByRole("tab", { name: "Drafts (3)" }));
  const drafts = within(await screen.findByRole("table", { name: "Drafts" }));
  expect(drafts.getByText("base is stale")).toBeTruthy();
  expect(drafts.getByText("waits for approval")).toBeTruthy();
});

it("offers no change to whoever may not change policies, and says why", async () => {
  const session = aSession();
  const who = { ...session.who, scopes: session.who.scopes.filter((scope) => scope !== "policies:write") };
  const appState = async () => anAppState({ session: { ...session, who } });
  show(<PoliciesRoom chosen={null} />, fakeShell({ appState }));
  expect(await screen.findByText("This needs the scope policies:write, which you do not have.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Begin a draft…" })).toBeNull();
});

it("asks the set in force, and tells what each policy makes of the question", async () => {
  const simulatePolicies = vi.fn(fakeShell().simulatePolicies);
  const { user } = showConsole("#/policies", fakeShell({ simulatePolicies }));
  await user.click(await screen.findByRole("button", { name: "Simulate…" }));
  const drawer = within(screen.getByRole("dialog", { name: "Ask version 7" }));
  await user.click(drawer.getByRole("button", { name: "Ask" }));
  expect(drawer.getByText("Write it as user:… or service_account:….")).toBeTruthy();
  expect(simulatePolicies).not.toHaveBeenCalled();
  await user.type(drawer.getByRole("combobox", { name: "Who asks" }), "service_account:billing-ci");
  await user.type(drawer.getByRole("combobox", { name: "Action" }), "pipelines:execute");
  await user.type(drawer.getByRole("combobox", { name: "Environment" }), "prod");
  await user.type(drawer.getByRole("combobox", { name: "Resources" }), "pipeline:billing/nightly");
  await user.click(drawer.getByRole("button", { name: "Ask" }));
  const answer = within(await drawer.findByRole("region", { name: "The answer" }));
  expect(answer.getByText("needs approval")).toBeTruthy();
  expect(answer.getByText("out of scope")).toBeTruthy();
  expect(simulatePolicies.mock.calls[0]?.[0]).toMatchObject({ subject: "live", question: { approvers: null } });
  expect(await structuralFaults()).toEqual([]);
});

it("shows what is different between two versions", async () => {
  showConsole("#/policies/versions/7?against=5");
  expect(await screen.findByRole("heading", { level: 1, name: "Version 7" })).toBeTruthy();
  const difference = await screen.findByRole("textbox", { name: "Difference in policies" });
  expect(difference.textContent).toContain("approvers >= 2");
  expect(await structuralFaults()).toEqual([]);
});

it("tells of each open draft whether its tests fail, run on this device", async () => {
  const testPolicies = vi.fn(fakeShell().testPolicies);
  const { user } = show(<PoliciesRoom chosen={null} />, fakeShell({ testPolicies }));
  await user.click(await screen.findByRole("tab", { name: /^Drafts/ }));
  const table = within(await screen.findByRole("table", { name: "Drafts" }));
  await waitFor(() => expect(table.queryByText("running tests…")).toBeNull());
  expect(table.getAllByText(/^(no tests|\d+ tests? (pass|passes|fail|fails))$/).length).toBe(
    testPolicies.mock.calls.length,
  );
});

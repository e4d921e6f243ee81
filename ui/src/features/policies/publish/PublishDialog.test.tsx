import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { aPage, aTicket } from "../../../fixtures/approvals";
import { somePolicies } from "../../../fixtures/policies";
import { aSafeComparison, LIVE } from "../../../fixtures/policy-reports";
import { liveTexts } from "../../../fixtures/policy-texts";
import type {
  Finding,
  PolicyDraft,
  Publication,
  PublishDraft,
  ReplaceDraft,
  Shell,
  TaggedDraft,
} from "../../../lib/shell/shell";
import { codeEditor, retype } from "../../../testing/code";
import { fakeShell } from "../../../testing/fake-shell";
import { show, structuralFaults } from "../../../testing/show";
import { DraftPage } from "../draft/DraftPage";
import { forgetUnsaved } from "../draft/unsaved";

const ID = "drf_01KAPUBLISH";
const saved = (change: Partial<PolicyDraft> = {}): TaggedDraft => ({
  draft: {
    id: ID,
    title: "Back to two people",
    digest: LIVE,
    base_version: 7,
    stale: false,
    restores: null,
    created_by: "user:usr_01KAMARA0000000000000000AA",
    created_at: "2026-11-20T08:00:00.000Z",
    changed_at: "2026-11-20T08:00:00.000Z",
    ticket: null,
    state: { name: "open" },
    texts: liveTexts,
    cases: [],
    ...change,
  },
  tag: '"1"',
});

const asks = (answer: Publication) => vi.fn(async (_id: string, _request: PublishDraft) => answer);
const published: Publication = { state: "published", version: 8, digest: LIVE };

async function open(answers: Partial<Shell>, draft = saved()) {
  const shell = fakeShell({ policyDraft: async () => draft, ...answers });
  const shown = show(<DraftPage id={ID} />, shell);
  await screen.findByText("compiles");
  await shown.user.click(screen.getByRole("button", { name: "Publish…" }));
  return { ...shown, dialog: within(screen.getByRole("dialog")) };
}

beforeEach(() => forgetUnsaved(ID));

const failing: Finding = {
  policy: "overflows",
  kind: "can_fail",
  line: 3,
  sentence: "`overflows` cannot be evaluated for some request, and then it forbids",
  proved: true,
  grave: true,
};

describe("publishing", () => {
  it("says which tests of the set in force the draft is without", async () => {
    const { dialog } = await open({});
    expect(await dialog.findByText("without 2 tests of version 7")).toBeTruthy();
    expect(dialog.getByText("there are none", { selector: ".tag" })).toBeTruthy();
  });

  const comparePolicies = async () => ({ ...aSafeComparison(), findings: [failing] });

  it("is not offered while a policy is proved not to do what it says", async () => {
    const { dialog } = await open({ comparePolicies });
    const obstacle = await dialog.findByText(/cannot be evaluated for some request/);
    expect(obstacle.textContent).toMatch(/^overflows cannot be evaluated/);
    expect(dialog.getByRole("button", { name: "Publish" })).toHaveProperty("disabled", true);
  });

  it("is offered all the same where an older version is brought back", async () => {
    const { dialog } = await open({ comparePolicies }, saved({ restores: 3 }));
    await waitFor(() => expect(dialog.queryAllByText("still computing")).toEqual([]));
    expect(dialog.queryByText(/`overflows` cannot be evaluated/)).toBeNull();
    expect(dialog.getByRole("button", { name: "Publish" })).toHaveProperty("disabled", false);
  });

  it("says what will happen, and then which version it became", async () => {
    const publishPolicyDraft = asks(published);
    const { user, dialog } = await open({ publishPolicyDraft });
    expect(await dialog.findByText("Same answers")).toBeTruthy();
    expect(await structuralFaults()).toEqual([]);
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    expect(await screen.findByText("Published as version 8.")).toBeTruthy();
    expect(publishPolicyDraft).toHaveBeenCalledWith(ID, { digest: LIVE, ticket: null, accept_unproved: false });
  });

  it("leads to the ticket when it needs an approval", async () => {
    const waits: Publication = {
      state: "approval_required",
      ticket: "tkt_01KA0B1LL1NGN1GHT1Y0000001",
      requirement: {
        quorum: 2,
        groups: ["security"],
        step_up_seconds: 300,
        approval_ttl_seconds: 3_600,
        execution_ttl_seconds: 900,
        max_duration_seconds: null,
      },
      reasons: [{ policy: "publish-needs-two", title: "Publishing needs two", sentence: "it needs 2 people" }],
    };
    const { user, dialog } = await open({ publishPolicyDraft: asks(waits) });
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    const link = await screen.findByRole("link", { name: "Open the ticket" });
    expect(link.getAttribute("href")).toBe("#/approvals/pending/tkt_01KA0B1LL1NGN1GHT1Y0000001");
    expect(screen.getByText(/It takes 2 approvers, security among them/)).toBeTruthy();
  });

  it("publishes under the ticket once it is approved", async () => {
    const state = {
      name: "approved",
      at: "2026-11-20T08:10:00.000Z",
      execution_expires_at: "2099-01-01T00:00:00.000Z",
    } as const;
    const ticket = aTicket({ state });
    const publishPolicyDraft = asks(published);
    const { user, dialog } = await open(
      { publishPolicyDraft, ticketPage: async () => aPage(ticket) },
      saved({ ticket: ticket.id }),
    );
    await user.click(await dialog.findByRole("button", { name: "Publish now" }));
    expect(publishPolicyDraft).toHaveBeenCalledWith(ID, expect.objectContaining({ ticket: ticket.id }));
  });

  it("saves first what was not saved, and publishes exactly what is on screen", async () => {
    let draft = saved();
    const replacePolicyDraft = vi.fn(async (_id: string, { texts }: ReplaceDraft) => {
      const { digest } = await fakeShell().checkPolicies(texts);
      draft = { draft: { ...draft.draft, texts, digest }, tag: '"2"' };
      return draft;
    });
    const publishPolicyDraft = asks(published);
    const shell = fakeShell({ policyDraft: async () => draft, replacePolicyDraft, publishPolicyDraft });
    const { user } = show(<DraftPage id={ID} />, shell);
    await screen.findByText("compiles");
    retype(await codeEditor("Policies"), "What never is", "What is never");
    await waitFor(() => expect(screen.queryByText("compiles")).toBeNull());
    await screen.findByText("compiles");
    await user.click(screen.getByRole("button", { name: "Publish…" }));
    await user.click(await screen.findByRole("button", { name: "Save and publish" }));
    await waitFor(() => expect(publishPolicyDraft).toHaveBeenCalledOnce());
    expect(publishPolicyDraft.mock.calls[0]?.[1].digest).toBe(draft.draft.digest);
    expect(draft.draft.digest).not.toBe(LIVE);
  });

  it("is not offered while a test fails or the text does not compile", async () => {
    const name = "a nightly run in production waits for three people";
    const one = {
      name,
      principal: "service_account:billing-ci",
      action: "pipelines:execute",
      resources: ["pipeline:billing/nightly"],
      env: "prod",
      expect: { outcome: "require_approval", approvers: 3 },
    } as const;
    const { dialog } = await open({}, saved({ cases: [{ ...one, resources: [...one.resources] }] }));
    expect(await dialog.findByText("1 test failing.")).toBeTruthy();
    expect(dialog.getByRole("button", { name: "Publish" })).toHaveProperty("disabled", true);
  });

  it("shows a refusal as the control plane says it, and takes an unproved invariant on trust only when told to", async () => {
    const publishPolicyDraft = vi.fn(async (_id: string, { accept_unproved }: PublishDraft) => {
      if (accept_unproved) return published;
      return Promise.reject({
        code: "policy.unproved",
        detail: "no solver could prove that `prod-never-unattended` is kept",
      });
    });
    const { user, dialog } = await open({ publishPolicyDraft });
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    expect(await dialog.findByText(/No solver could prove that `prod-never-unattended` is kept/)).toBeTruthy();
    await user.click(dialog.getByRole("checkbox", { name: /Publish although an invariant could not be proved/ }));
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    expect(await screen.findByText("Published as version 8.")).toBeTruthy();
  });

  it("leads from a conflict to the difference, and rebases only after that", async () => {
    const refused = {
      code: "policy.stale",
      detail: "version 8 came into force since this draft was made from version 7",
    };
    let inForce = somePolicies;
    const publishPolicyDraft = vi.fn(async () => {
      inForce = { ...somePolicies, version: 8, digest: "sha256:88" };
      return Promise.reject(refused);
    });
    const replacePolicyDraft = vi.fn(async (_id: string, _draft: ReplaceDraft) => saved({ base_version: 8 }));
    const summary = {
      digest: LIVE,
      published_at: "2026-11-20T08:00:00.000Z",
      published_by: null,
      ticket: null,
      restores: null,
      sample: false,
    };
    const policyVersion = async (version: number) => ({
      ...summary,
      version,
      title: `version ${version}`,
      texts: version === 8 ? { ...liveTexts, policies: `${liveTexts.policies}// what came between\n` } : liveTexts,
      cases: [],
    });
    const { user, dialog, shell } = await open({
      publishPolicyDraft,
      replacePolicyDraft,
      policyVersion,
      policies: async () => inForce,
    });
    await user.click(dialog.getByRole("button", { name: "Publish" }));
    expect(await dialog.findByText(/^Version 8 came into force since/)).toBeTruthy();
    act(() => shell.say("changed", { kind: "policy.published", about: null }));
    await user.click(dialog.getByRole("button", { name: "Look at the difference…" }));
    const rebase = within(await screen.findByRole("dialog", { name: "Version 8 came between" }));
    const between = await rebase.findByRole("textbox", { name: "Difference in policies" });
    expect(between.textContent).toContain("what came between");
    await user.click(rebase.getByRole("button", { name: /^I have looked/ }));
    await waitFor(() => expect(replacePolicyDraft).toHaveBeenCalledOnce());
    expect(replacePolicyDraft.mock.calls[0]?.[1].base_version).toBe(8);
  });
});

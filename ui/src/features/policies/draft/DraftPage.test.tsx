import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { someDrafts } from "../../../fixtures/policies";
import { anUnprovedComparison, aSafeComparison } from "../../../fixtures/policy-reports";
import { liveTexts } from "../../../fixtures/policy-texts";
import type { PolicyDraft, TaggedDraft } from "../../../lib/shell/shell";
import { codeEditor, retype } from "../../../testing/code";
import { fakeShell } from "../../../testing/fake-shell";
import { show, structuralFaults } from "../../../testing/show";
import { DraftPage } from "./DraftPage";
import { forgetUnsaved } from "./unsaved";

const weaker = someDrafts[0] as PolicyDraft;
/** The tab of a lens, once it has that verdict. */
async function lens(name: string, verdict: string): Promise<HTMLElement> {
  await screen.findByText(verdict, { selector: "[role=tab] *" });
  return screen.getByRole("tab", { name: new RegExp(`^${name}\\s*${verdict}$`) });
}

beforeEach(() => forgetUnsaved(weaker.id));

const calm = (change: Partial<PolicyDraft> = {}): TaggedDraft => ({
  draft: { ...weaker, texts: liveTexts, ...change },
  tag: '"1"',
});

describe("the lenses", () => {
  it("prove that one approver instead of two widens, with a request and both answers", async () => {
    show(<DraftPage id={weaker.id} />);
    expect(await lens("Proved", "Widens")).toBeTruthy();
    const example = within(await screen.findByRole("article", { name: "Counterexample" }));
    expect(example.getByText(/billing-ci asks for pipelines:execute on .* in prod, approved by 1 person/)).toBeTruthy();
    expect(example.getByText("needs approval")).toBeTruthy();
    expect(example.getByText("allowed")).toBeTruthy();
  });

  it("tell which recorded decisions would flip, and how many could not be asked again", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    await user.click(await lens("Past", "3 denied → allowed"));
    const flips = within(screen.getByRole("list", { name: "Flips by kind" }));
    expect(flips.getByText("denied → allowed")).toBeTruthy();
    expect(screen.getByText("288 of 48,200 could not be asked again")).toBeTruthy();
    expect(screen.getByText("1 decision by this very set.")).toBeTruthy();
  });

  it("tell who could do more today", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    await user.click(await lens("Present", "3 easier"));
    const changes = within(screen.getByRole("list", { name: "Who gains and who loses" }));
    expect(changes.getAllByRole("listitem")).toHaveLength(3);
  });

  it("say that nothing is proved where there is no solver, and how to get one", async () => {
    show(<DraftPage id={weaker.id} />, fakeShell({ comparePolicies: async () => anUnprovedComparison() }));
    expect(await lens("Proved", "Nothing proved")).toBeTruthy();
    expect(await screen.findByText(/install `cvc5`/)).toBeTruthy();
  });

  it("are stale from the first changed letter, and computed again for the new text", async () => {
    show(<DraftPage id={weaker.id} />);
    await lens("Proved", "Widens");
    retype(await codeEditor("Policies"), "approvers >= 1", "approvers >= 2");
    expect(await screen.findByText("Stale: for an earlier text")).toBeTruthy();
    expect(screen.queryByText("Widens", { selector: "[role=tab] *" })).toBeNull();
    expect(await lens("Proved", "Same answers")).toBeTruthy();
    expect(screen.queryByText("Stale: for an earlier text")).toBeNull();
  });

  it("cancel what is superseded", async () => {
    const works: string[] = [];
    const cancelled: string[] = [];
    const comparePolicies = (work: string) => {
      works.push(work);
      return new Promise<never>(() => {});
    };
    const cancelPolicyWork = async (work: string) => {
      cancelled.push(work);
      return null;
    };
    show(<DraftPage id={weaker.id} />, fakeShell({ comparePolicies, cancelPolicyWork }));
    await waitFor(() => expect(works).toHaveLength(1));
    retype(await codeEditor("Policies"), "approvers >= 1", "approvers >= 2");
    await waitFor(() => expect(works).toHaveLength(2));
    expect(cancelled).toContain(works[0]);
    expect(cancelled).not.toContain(works[1]);
  });

  it("say how far they are, and stop when they are told to", async () => {
    let end = (_: unknown) => {};
    const begun: string[] = [];
    const comparePolicies = (work: string) => {
      begun.push(work);
      return new Promise<never>((_, reject) => {
        end = reject;
      });
    };
    const cancelPolicyWork = async () => {
      end({ code: "console.cancelled", detail: "it was cancelled" });
      return null;
    };
    const { user, shell } = show(<DraftPage id={weaker.id} />, fakeShell({ comparePolicies, cancelPolicyWork }));
    const bar = await screen.findByRole("progressbar", { name: "Progress of The proof" });
    act(() => shell.say("policy-progress", { work: begun[0] ?? "", progress: { done: 3, total: 12 } }));
    act(() => shell.say("policy-progress", { work: "another", progress: { done: 11, total: 12 } }));
    expect(bar).toHaveProperty("value", 3);
    expect(screen.getByText("3 of 12")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("Cancelled.")).toBeTruthy();
    expect(await lens("Proved", "Cancelled")).toBeTruthy();
  });

  it("tell why one failed, and try again", async () => {
    let isUp = false;
    const comparePolicies = async () => {
      if (!isUp) return Promise.reject({ code: "console.offline", detail: "the control plane does not answer" });
      return aSafeComparison();
    };
    const { user } = show(<DraftPage id={weaker.id} />, fakeShell({ comparePolicies }));
    expect(await screen.findByText("The control plane does not answer")).toBeTruthy();
    isUp = true;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await lens("Proved", "Same answers")).toBeTruthy();
  });
});

describe("a test out of a flip", () => {
  it("pins the answer in force, so that the draft fails it", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    await user.click(await lens("Past", "3 denied → allowed"));
    await user.click((await screen.findAllByRole("button", { name: /^billing-ci asks for deploy/ }))[0] as HTMLElement);
    await user.click(screen.getByRole("button", { name: "Make a test of it…" }));
    await user.click(screen.getByRole("button", { name: "The one in force: denied" }));
    const tests = within(await screen.findByRole("list", { name: "Tests" }));
    const made = tests.getByText(/^billing-ci asks for deploy.app.update .*: denied$/).closest("li") as HTMLElement;
    expect(await within(made).findByText("fails")).toBeTruthy();
  });

  it("pins the draft's answer, so that the draft passes it", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    await user.click((await screen.findAllByRole("button", { name: "Make a test of it…" }))[0] as HTMLElement);
    await user.click(screen.getByRole("button", { name: "The draft’s: allowed" }));
    const tests = within(await screen.findByRole("list", { name: "Tests" }));
    const made = tests.getByText(/approved by 1 person: allowed$/).closest("li") as HTMLElement;
    expect(await within(made).findByText("passes")).toBeTruthy();
  });
});

describe("writing", () => {
  it("shows what is wrong with its place and what would help, and leads there", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    const view = await codeEditor("Policies");
    retype(view, 'Environment::"prod"', 'Environment::"production"');
    const problems = within(await screen.findByRole("list", { name: "Problems" }));
    expect(problems.getByText(/did you mean `prod`/)).toBeTruthy();
    await user.click(problems.getByRole("button"));
    const line = view.state.doc.lineAt(view.state.selection.main.head);
    expect(line.text).toContain("production");
  });

  it("saves what is on screen, against the revision that was read", async () => {
    const replacePolicyDraft = vi.fn(fakeShell().replacePolicyDraft);
    const { user } = show(<DraftPage id={weaker.id} />, fakeShell({ replacePolicyDraft }));
    const view = await codeEditor("Policies");
    expect(screen.getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
    retype(view, "approvers >= 1", "approvers >= 2");
    await user.keyboard("{Control>}s{/Control}");
    await waitFor(() => expect(replacePolicyDraft).toHaveBeenCalledOnce());
    const [id, sent, tag] = replacePolicyDraft.mock.calls[0] ?? [];
    expect(id).toBe(weaker.id);
    expect(sent?.texts.policies).toContain("approvers >= 2");
    expect(tag).toBe(`"${weaker.changed_at}"`);
    expect(await screen.findByText("saved")).toBeTruthy();
  });

  it("loses nothing when the room is left or saving fails", async () => {
    const replacePolicyDraft = () =>
      Promise.reject({ code: "console.offline", detail: "the control plane does not answer" });
    const shell = fakeShell({ policyDraft: async () => calm({ id: "drf_kept" }), replacePolicyDraft });
    const { user, container } = show(<DraftPage id="drf_kept" />, shell);
    retype(await codeEditor("Policies"), "What is possible at all", "What I wrote at 3 a.m.");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText(/does not answer What you wrote is kept on this device/)).toBeTruthy();
    container.remove();
    show(<DraftPage id="drf_kept" />, shell);
    await waitFor(async () => {
      const editors = await screen.findAllByRole("textbox", { name: "Policies" });
      expect(editors.at(-1)?.textContent).toContain("What I wrote at 3 a.m.");
    });
  });

  it("lets the person choose when somebody else changed the draft", async () => {
    let served = calm({ id: "drf_two" });
    const replacePolicyDraft = vi.fn(async (_id: string, _draft: unknown, tag: string) => {
      if (tag !== served.tag) return Promise.reject({ code: "request.changed", detail: "it was changed meanwhile" });
      return served;
    });
    const shell = fakeShell({ policyDraft: async () => served, replacePolicyDraft });
    const { user } = show(<DraftPage id="drf_two" />, shell);
    retype(await codeEditor("Policies"), "What is possible at all", "mine");
    served = { draft: { ...served.draft, title: "theirs" }, tag: '"2"' };
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Somebody else changed this draft meanwhile.")).toBeTruthy();
    expect((await codeEditor("Policies")).state.doc.toString()).toContain("mine");
    await user.click(screen.getByRole("button", { name: "Take theirs" }));
    await waitFor(() =>
      expect(screen.getByRole("textbox", { name: "What the draft is for" })).toHaveProperty("value", "theirs"),
    );
    expect((await codeEditor("Policies")).state.doc.toString()).not.toContain("mine");
  });

  it("is well formed, in each of its tabs", async () => {
    const { user } = show(<DraftPage id={weaker.id} />);
    await lens("Proved", "Widens");
    expect(await structuralFaults()).toEqual([]);
    for (const name of [/^Past/, /^Simulate/]) {
      await user.click(screen.getByRole("tab", { name }));
      expect(await structuralFaults()).toEqual([]);
    }
    await user.click(screen.getByRole("tab", { name: /^Tests/ }));
    await user.click(screen.getByRole("button", { name: "Add a test…" }));
    expect(await structuralFaults()).toEqual([]);
  });
});

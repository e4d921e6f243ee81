import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { aSubject } from "../../fixtures/signing";
import { Problem } from "../../lib/problem";
import type { SigningShell } from "../../lib/shell/shell";
import { scrollToTheEnd } from "../../testing/screen";
import { structuralFaults } from "../../testing/show";
import { SigningWindow } from "./SigningWindow";

async function open(subject = aSubject(), answers: Partial<SigningShell> = {}) {
  const shell: SigningShell = {
    signingSubject: async () => subject,
    signingConfirm: vi.fn(async () => null),
    signingCancel: vi.fn(async () => null),
    ...answers,
  };
  render(<SigningWindow shell={shell} />);
  const confirm = await screen.findByRole("button", { name: /^Confirm and sign/ });
  // What watches the screen begins to when the page has settled.
  await act(async () => {});
  return { shell, confirm, user: userEvent.setup() };
}

describe("the signing window", () => {
  it("says what confirming does, whose key signs, and the words to compare", async () => {
    const { confirm } = await open();
    expect(confirm.textContent).toBe("Confirm and sign: Approve");
    expect(screen.getByRole("heading", { level: 1 }).textContent).toContain("Let billing-ci run");
    expect(screen.getByText("Mara Lindt, with this device’s key")).toBeTruthy();
    expect(screen.getByText("amber otter seven harbour")).toBeTruthy();
  });

  it("stays shut until the end of the payload was on screen", async () => {
    const { confirm, shell, user } = await open();
    expect(confirm).toHaveProperty("disabled", true);
    expect(screen.getByText("Scroll to the end of what will be signed.")).toBeTruthy();
    act(scrollToTheEnd);
    expect(confirm).toHaveProperty("disabled", false);
    await user.click(confirm);
    expect(shell.signingConfirm).toHaveBeenCalledOnce();
  });

  it("does not take the list of hashes for the payload", async () => {
    const { confirm, user } = await open();
    await user.click(screen.getByRole("tab", { name: "Hashes" }));
    act(scrollToTheEnd);
    expect(confirm).toHaveProperty("disabled", true);
  });

  it("never opens when the digests do not agree", async () => {
    const subject = aSubject();
    const { confirm } = await open({ ...subject, exact: { ...subject.exact, digests_agree: false } });
    act(scrollToTheEnd);
    expect(confirm).toHaveProperty("disabled", true);
    expect(screen.getByRole("alert").textContent).toContain("The digests do not agree.");
  });

  it("cancels on Escape", async () => {
    const { shell, user } = await open();
    await user.keyboard("{Escape}");
    expect(shell.signingCancel).toHaveBeenCalledOnce();
  });

  it("says why nothing was signed, and can be tried again", async () => {
    const failed = () => Promise.reject(new Problem("service.unavailable", "The disk is full."));
    const { confirm, user } = await open(aSubject(), { signingConfirm: failed });
    act(scrollToTheEnd);
    await user.click(confirm);
    expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
    expect(confirm).toHaveProperty("disabled", false);
  });

  it("is well formed for each tone", async () => {
    await open(aSubject("deny"));
    expect(await structuralFaults()).toEqual([]);
  });
});

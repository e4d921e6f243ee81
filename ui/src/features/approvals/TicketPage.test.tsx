import { act, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { anAppState, inSeconds, minutesAgo } from "../../fixtures/app";
import {
  anEmergency,
  aPage,
  aPublication,
  aReview,
  aStandingTicket,
  aTicket,
  someTickets,
} from "../../fixtures/approvals";
import { Problem } from "../../lib/problem";
import type { TicketPage as Page, SignAfterReview, SigningOutcome, SignReview, Ticket } from "../../lib/shell/shell";
import { fakeShell } from "../../testing/fake-shell";
import { show } from "../../testing/show";
import { TicketPage } from "./TicketPage";
import { TicketPane } from "./TicketPane";

/** What the policies make of a publication is theirs to show. */
const ToPublish = ({ ticket }: { ticket: Ticket }) => <p>the policies of {ticket.id}</p>;

const showPage = (page: Page, shell = fakeShell()) =>
  show(<TicketPage page={page} keysHere ToPublish={ToPublish} />, shell);
const approve = () => screen.queryByRole("button", { name: "Approve…" });
const deny = () => screen.queryByRole("button", { name: "Deny…" });

describe("the ticket page", () => {
  it("opens with the sentence and says how far it is", () => {
    showPage(aPage());
    expect(screen.getByRole("heading", { level: 2 }).textContent).toMatch(/^billing-ci asks to run/);
    expect(screen.getByText("Total 1/2 · sre 1/1")).toBeTruthy();
  });

  it("links each reason to its policy", () => {
    showPage(aPage());
    const link = screen.getByRole("link", { name: "Production commands need two people" });
    expect(link.getAttribute("href")).toBe("#/policies/guard-prod-commands");
  });

  it("gives the reason in the place of a button that would fail", () => {
    const refused = (name: string) => ({ name, allowed: false, reason: "You filed it." });
    showPage(aPage(aTicket({ actions: [refused("approve"), refused("deny")] })));
    expect(approve()).toBeNull();
    expect(deny()).toBeNull();
    expect(screen.getByText("You cannot decide this: You filed it.")).toBeTruthy();
  });

  it("chooses no answer beforehand", () => {
    showPage(aPage());
    expect([approve(), deny()]).not.toContain(document.activeElement);
  });

  it("shows every value whole, on its own line, with what is hidden written out", () => {
    const ticket = someTickets()[1];
    showPage(aPage(ticket));
    const exact = screen.getByRole("region", { name: "The exact action" });
    const marks = [...exact.querySelectorAll("mark")].map((mark) => mark.textContent);
    expect(marks).toEqual(["\u0430‹U+0430›", "‹U+200B›", "‹U+202E›"]);
    expect(within(exact).getByText("Contains 2 hidden characters and 1 look-alike character.")).toBeTruthy();
    expect(exact.textContent).not.toMatch(/[\u202e\u200b]/);
    expect(exact.textContent).toContain(ticket?.binding.action.command?.working_directory);
    expect(within(exact).getByText("empty")).toBeTruthy();
  });

  it("shows the same action raw and as hashes", async () => {
    const { user } = showPage(aPage());
    await user.click(screen.getByRole("tab", { name: "Raw" }));
    expect(screen.getByRole("tabpanel").textContent).toContain('"./deploy.sh"');
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("tabpanel", { name: "Hashes" }).textContent).toContain("binding_digest");
  });

  it("tells what the control plane found, apart from the requester's words", () => {
    showPage(aPage(aPublication()));
    const found = within(screen.getByRole("region", { name: "What the control plane found" }));
    expect(found.getByText("1 test passes; a test of version 7 is not among them.")).toBeTruthy();
    expect(found.getByText("pipelines:execute").tagName).toBe("CODE");
    expect(found.getByText("When the ticket was opened. Not part of what is signed.")).toBeTruthy();
    expect(screen.getByText(`the policies of ${aPublication().id}`)).toBeTruthy();
  });

  it("sets the requester's words apart from what is signed", () => {
    showPage(aPage());
    const says = screen.getByRole("region", { name: "What the requester says" });
    expect(says.textContent).toContain("not part of what is signed");
    expect(screen.getByRole("region", { name: "The exact action" }).contains(says)).toBe(false);
  });

  it("decides nothing while the digests do not agree, and says so", () => {
    const page = aPage();
    showPage({ ...page, exact: { ...page.exact, digests_agree: false } });
    expect(approve()).toHaveProperty("disabled", true);
    expect(deny()).toHaveProperty("disabled", true);
    expect(screen.getByRole("alert").textContent).toContain("The digests do not agree.");
  });

  it("decides nothing while the control plane does not answer", async () => {
    showPage(aPage(), fakeShell({ appState: async () => anAppState({ offline_since: minutesAgo(3) }) }));
    await vi.waitFor(() => expect(approve()).toHaveProperty("disabled", true));
    expect(deny()).toHaveProperty("disabled", true);
  });

  it("closes by itself when the time runs out", () => {
    vi.useFakeTimers();
    try {
      showPage(aPage(aTicket({ approval_expires_at: new Date(Date.now() + 2_000).toISOString() })));
      expect(approve()).not.toBeNull();
      act(() => vi.advanceTimersByTime(2_100));
      expect(approve()).toBeNull();
      expect(screen.getByText(/the time to decide is over/)).toBeTruthy();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("deciding", () => {
  const signing = (end: SigningOutcome) => {
    let finish = () => {};
    const asked = vi.fn<(request: SignReview) => Promise<SigningOutcome>>(
      () => new Promise((done) => (finish = () => done(end))),
    );
    return { asked, shell: fakeShell({ signReview: asked }), finish: () => finish() };
  };

  it("says where the person is needed, and then that it is signed", async () => {
    const { asked, shell, finish } = signing({ outcome: "signed" });
    const { user } = showPage(aPage(), shell);
    await user.click(screen.getByRole("button", { name: "Approve…" }));
    act(() => shell.say("signing-phase", "step_up"));
    expect(screen.getByText("Waiting for your login in the browser…")).toBeTruthy();
    act(() => shell.say("signing-phase", "window"));
    expect(screen.getByText("Confirm in the signing window")).toBeTruthy();
    finish();
    expect(await screen.findByText("Signed. Your review is recorded.")).toBeTruthy();
    expect(asked).toHaveBeenCalledWith({ ticket: aTicket().id, verdict: "approve", reason: null });
  });

  it("tells a decision of others as news", async () => {
    const { shell, finish } = signing({ outcome: "decided_meanwhile", sentence: "Jonas Weber denied it." });
    const { user } = showPage(aPage(), shell);
    await user.click(screen.getByRole("button", { name: "Approve…" }));
    finish();
    expect(await screen.findByText("Jonas Weber denied it.")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("asks for a reason before a denial and sends it word for word", async () => {
    const { asked, shell } = signing({ outcome: "signed" });
    const { user } = showPage(aPage(), shell);
    await user.click(screen.getByRole("button", { name: "Deny…" }));
    const form = within(screen.getByRole("dialog", { name: "Deny this request" }));
    await user.click(form.getByRole("button", { name: "Deny and sign…" }));
    expect(form.getByText("A denial needs a reason.")).toBeTruthy();
    await user.type(form.getByRole("textbox", { name: "Reason" }), "use staging");
    await user.click(form.getByRole("button", { name: "Wrong environment" }));
    await user.click(form.getByRole("button", { name: "Deny and sign…" }));
    expect(asked).toHaveBeenCalledWith({
      ticket: aTicket().id,
      verdict: "deny",
      reason: "Wrong environment: use staging",
    });
  });

  it("says who decided while the page was read", async () => {
    let page = aPage();
    const shell = fakeShell({ ticketPage: async () => page });
    show(<TicketPane id={page.ticket.id} back="#/" keysHere ToPublish={ToPublish} />, shell);
    await screen.findByRole("button", { name: "Approve…" });
    const state = { name: "approved", at: minutesAgo(0), execution_expires_at: inSeconds(600) } as const;
    page = aPage(aTicket({ state, reviews: [aReview()] }));
    act(() => shell.say("changed", { kind: "ticket.reviewed", about: page.ticket.id }));
    expect(await screen.findByText("Decided meanwhile by Jonas Weber.")).toBeTruthy();
    expect(approve()).toBeNull();
  });
});

describe("a standing approval", () => {
  it("says how often it may run, how often it did, and until when", () => {
    showPage(aPage(aStandingTicket()));
    expect(screen.getByText(/^Used 2 of 5\. May run for another/)).toBeTruthy();
    const rail = within(screen.getByRole("complementary", { name: "About the ticket" }));
    expect(rail.getByText("up to 5 times within 15 min")).toBeTruthy();
    const uses = within(rail.getByRole("region", { name: "Uses" }));
    expect(uses.getByText("2 of 5 used")).toBeTruthy();
    expect(uses.getAllByRole("listitem")).toHaveLength(2);
    const exact = screen.getByRole("region", { name: "The exact action" });
    expect(exact.textContent).toContain("up to 5 times within 15 min of the approval");
  });

  it("says nothing of uses on an ordinary ticket", () => {
    showPage(aPage());
    expect(screen.queryByRole("region", { name: "Uses" })).toBeNull();
    expect(screen.queryByText(/times within/)).toBeNull();
  });

  it("is revoked with a reason, and tells why it was not", async () => {
    const revoke = vi.fn<(id: string, reason: string) => Promise<null>>(async () => null);
    revoke.mockRejectedValueOnce(new Problem("approval.settled", "The ticket is consumed already."));
    const { user } = showPage(aPage(aStandingTicket()), fakeShell({ revokeApproval: revoke }));
    await user.click(screen.getByRole("button", { name: "Revoke…" }));
    const form = within(screen.getByRole("dialog", { name: "Revoke this approval" }));
    await user.click(form.getByRole("button", { name: "Revoke" }));
    expect(form.getByText("Revoking needs a reason.")).toBeTruthy();
    expect(revoke).not.toHaveBeenCalled();
    await user.type(form.getByRole("textbox", { name: "Reason" }), "wrong release");
    await user.click(form.getByRole("button", { name: "Revoke" }));
    expect(await form.findByText("The ticket is consumed already.")).toBeTruthy();
    await user.click(form.getByRole("button", { name: "Revoke" }));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(revoke).toHaveBeenLastCalledWith(aStandingTicket().id, "wrong release");
  });

  it("offers no revoking to who may not, and none once it is over", () => {
    const refused = { name: "revoke", allowed: false, reason: "only people who may review revoke an approval" };
    showPage(aPage(aStandingTicket({ actions: [refused] })));
    expect(screen.queryByRole("button", { name: "Revoke…" })).toBeNull();
  });

  it("says that it was revoked and why", () => {
    const state = { name: "cancelled", at: minutesAgo(1), reason: "wrong release", by: "usr_1" } as const;
    showPage(aPage(aStandingTicket({ state })));
    expect(screen.getByText("The approval was revoked.")).toBeTruthy();
    expect(screen.getByText("wrong release")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Revoke…" })).toBeNull();
  });
});

describe("an emergency", () => {
  const close = () => screen.queryByRole("button", { name: "Close the after-review…" });

  it("waits for its after-review in sight", () => {
    showPage(aPage(anEmergency()));
    expect(screen.getByText("Emergency")).toBeTruthy();
    expect(screen.getByText("Nobody has looked at this emergency yet.")).toBeTruthy();
    expect(close()).not.toBeNull();
  });

  it("asks for a finding and words, chooses none beforehand, and has them signed", async () => {
    const asked = vi.fn<(request: SignAfterReview) => Promise<SigningOutcome>>(async () => ({ outcome: "signed" }));
    const { user } = showPage(aPage(anEmergency()), fakeShell({ signAfterReview: asked }));
    await user.click(screen.getByRole("button", { name: "Close the after-review…" }));
    const form = within(screen.getByRole("dialog", { name: "What did you find?" }));
    await user.click(form.getByRole("button", { name: "Sign…" }));
    expect(form.getByText("Choose one.")).toBeTruthy();
    expect(form.getByText("Say what you found.")).toBeTruthy();
    expect(asked).not.toHaveBeenCalled();
    const choice = form.getByRole("combobox", { name: "Was it right to act as in an emergency?" });
    await user.selectOptions(choice, "No, it was not");
    await user.type(form.getByRole("textbox", { name: "What you found" }), "nothing burned");
    await user.click(form.getByRole("button", { name: "Sign…" }));
    const request = { ticket: anEmergency().id, finding: "unjustified", found: "nothing burned" };
    expect(asked).toHaveBeenCalledWith(request);
    expect(await screen.findByText("Signed. Your review is recorded.")).toBeTruthy();
  });

  it("says why a reader cannot close it", () => {
    const refused = { name: "after_review", allowed: false, reason: "you answered this ticket before it ran" };
    showPage(aPage(anEmergency({ actions: [refused] })));
    expect(close()).toBeNull();
    expect(screen.getByText("You cannot close the after-review: you answered this ticket before it ran")).toBeTruthy();
  });

  it("says what was found, by whom, once it is signed", () => {
    const signed = {
      state: "signed",
      reviewer: "usr_2",
      name: "Mara Lindt",
      finding: "justified",
      found: "The disk was full.",
      at: minutesAgo(1),
      jws: "e30.e30.c2ln",
    } as const;
    showPage(aPage(anEmergency({ after_review: signed })));
    const section = within(screen.getByRole("region", { name: "After-review" }));
    expect(section.getByText("It was right.")).toBeTruthy();
    expect(section.getByText("The disk was full.")).toBeTruthy();
    expect(section.getByText(/Signed by Mara Lindt/)).toBeTruthy();
    expect(close()).toBeNull();
  });

  it("says nothing of an after-review on anything else", () => {
    showPage(aPage());
    expect(screen.queryByText("Emergency")).toBeNull();
    expect(screen.queryByRole("region", { name: "After-review" })).toBeNull();
  });
});

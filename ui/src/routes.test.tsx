import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { anAppState, aSession, gettingStarted, minutesAgo } from "./fixtures/app";
import { aTicket, someTickets, summaryOf } from "./fixtures/approvals";
import { broken } from "./fixtures/audit";
import { fakeShell } from "./testing/fake-shell";
import { place } from "./testing/screen";
import { showConsole, structuralFaults } from "./testing/show";

const FIRST = aTicket().id;
const rooms = ["Approvals", "Audit", "Accounts", "Policies", "Tasks", "Roster", "Connections"];

it("has well-formed dialogs", async () => {
  const { user } = showConsole("#/audit", fakeShell());
  await user.click((await screen.findAllByRole("button", { name: /consumed the ticket/ }))[0] as HTMLElement);
  expect(screen.getByRole("dialog", { name: "ticket.consumed" })).toBeTruthy();
  expect(await structuralFaults()).toEqual([]);
});

describe("the house", () => {
  it.each(rooms)("leads to %s, which is well formed", async (name) => {
    const { user } = showConsole();
    await user.click(await screen.findByRole("link", { name: new RegExp(`^${name}`) }));
    expect(await screen.findByRole("heading", { level: 1, name })).toBeTruthy();
    await act(async () => {});
    expect(await structuralFaults()).toEqual([]);
  });

  it("shows the page of each stage", async () => {
    showConsole("", fakeShell({ appState: async () => anAppState({ stage: "welcome", session: null }) }));
    expect(await screen.findByRole("button", { name: "Try it here" })).toBeTruthy();
  });

  it("follows the app state when the desktop says so", async () => {
    let state = anAppState({ stage: "signed_out", session: null });
    const { shell } = showConsole("", fakeShell({ appState: async () => state }));
    await screen.findByRole("heading", { name: "Sign in" });
    state = anAppState();
    act(() => shell.say("app-state", null));
    expect(await screen.findByRole("heading", { name: "Approvals" })).toBeTruthy();
  });

  it("says since when it is offline, that the keyring is unusable and that the ledger does not hold", async () => {
    const keyring = { usable: false, problem: "The keyring is locked." };
    const state = anAppState({ offline_since: minutesAgo(3), keyring });
    showConsole("", fakeShell({ appState: async () => state, integrity: async () => broken }));
    const notices = within(await screen.findByRole("region", { name: "Notices" }));
    expect(notices.getByText(/^Offline since/)).toBeTruthy();
    expect(notices.getByText("The keyring is locked.")).toBeTruthy();
    expect(await notices.findByText(/^Entry 212/)).toBeTruthy();
  });

  it("calls a first administrator to found the roster, and shows the way from a terminal", async () => {
    const session = aSession({ key: { state: "can_found", key_id: null, device: "thinkpad" } });
    const foundRoster = vi.fn(async () => ({ outcome: "signed" }) as const);
    const shell = fakeShell({
      appState: async () => anAppState({ session }),
      gettingStarted: async () => gettingStarted,
      foundRoster,
    });
    const { user } = showConsole("", shell);
    await user.click(await screen.findByRole("button", { name: "Found the roster" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Continue" }));
    expect(foundRoster).toHaveBeenCalledWith("thinkpad");
    await user.click(screen.getByRole("button", { name: "Copy the command" }));
    expect(await navigator.clipboard.readText()).toBe(gettingStarted.command);
  });
});

describe("the keyboard", () => {
  const open = async (
    address = `#/approvals/mine/${FIRST}`,
    signReview = vi.fn(() => new Promise<never>(() => {})),
  ) => {
    const all = showConsole(address, fakeShell({ signReview }));
    await screen.findByRole("list", { name: "Tickets" });
    return { ...all, signReview };
  };

  it("moves with J and K, opens with Enter and closes with Escape", async () => {
    const { user } = await open("#/approvals/mine");
    await user.keyboard("jj");
    await waitFor(() => expect(document.activeElement?.textContent).toContain("data-agent"));
    await user.keyboard("k{Enter}");
    expect(await screen.findByRole("article", { name: `Ticket ${FIRST}` })).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("article")).toBeNull());
  });

  it("brings the action into view with the first A and approves with the second", async () => {
    const { user, signReview } = await open();
    const payload = await screen.findByRole("region", { name: "The exact action" });
    place(payload, false);
    await user.keyboard("a");
    expect(signReview).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(payload);
    place(payload, true);
    await user.keyboard("a");
    expect(signReview).toHaveBeenCalledOnce();
  });

  it("never decides another ticket than the one that is marked", async () => {
    const { user, signReview } = await open();
    place(await screen.findByRole("region", { name: "The exact action" }), true);
    await user.keyboard("j");
    await waitFor(() => expect(document.activeElement?.textContent).toContain("data-agent"));
    await user.keyboard("a");
    expect(signReview).not.toHaveBeenCalled();
    expect(await screen.findByRole("heading", { name: /^data-agent asks/ })).toBeTruthy();
  });

  it("opens the reason with D, and a dialog swallows the keys", async () => {
    const { user, signReview } = await open();
    place(await screen.findByRole("region", { name: "The exact action" }), true);
    await user.keyboard("d");
    expect(screen.getByRole("dialog", { name: "Deny this request" })).toBeTruthy();
    act(() => screen.getByRole("button", { name: "Close" }).focus());
    await user.keyboard("a");
    expect(signReview).not.toHaveBeenCalled();
  });

  it("goes to a room with G and its letter, to the search with /", async () => {
    const { user } = await open("#/approvals/mine");
    await user.keyboard("/");
    expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search tickets" }));
    await user.keyboard("gr{Escape}{Escape}");
    expect(screen.getByRole("heading", { name: "Approvals" })).toBeTruthy();
    await user.keyboard("gr");
    expect(await screen.findByRole("heading", { level: 1, name: "Roster" })).toBeTruthy();
  });

  it("lists its keys on ?, where single letters can be switched off", async () => {
    const { user, signReview } = await open();
    place(await screen.findByRole("region", { name: "The exact action" }), true);
    await user.keyboard("?");
    const help = within(screen.getByRole("dialog", { name: "Keyboard shortcuts" }));
    expect(help.getByText("Next ticket")).toBeTruthy();
    await user.click(help.getByRole("checkbox", { name: "Single-letter shortcuts" }));
    await user.click(help.getByRole("button", { name: "Close" }));
    await user.keyboard("a");
    expect(signReview).not.toHaveBeenCalled();
  });

  it("reaches rooms through the palette", async () => {
    const { user } = await open("#/approvals/mine");
    await user.keyboard("{Control>}k{/Control}");
    expect(screen.getByRole("dialog", { name: "Command palette" })).toBeTruthy();
    await user.type(screen.getByRole("combobox"), "poli{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "Policies" })).toBeTruthy();
  });
});

describe("the inbox", () => {
  it("shows and announces a ticket that is opened elsewhere, without a reload", async () => {
    const [fresh, ...others] = someTickets();
    let tickets = others;
    const inbox = async () => ({
      items: tickets.map(summaryOf),
      next: null,
      counts: { mine: tickets.length, pending: 0, closed: 0 },
    });
    const { shell } = showConsole("#/approvals/mine", fakeShell({ inbox }));
    await screen.findByText("data-agent");
    tickets = fresh ? [fresh, ...others] : others;
    act(() => shell.say("changed", { kind: "ticket.opened", about: FIRST }));
    expect(await screen.findByText("billing-ci")).toBeTruthy();
    const log = screen.getByRole("log", { name: "Announcements" });
    await waitFor(() => expect(log.textContent).toBe("New ticket: billing-ci asks for pipelines:execute in prod."));
  });

  it("says what will appear where there is nothing", async () => {
    const inbox = async () => ({ items: [], next: null, counts: { mine: 0, pending: 0, closed: 0 } });
    showConsole("#/approvals/closed", fakeShell({ inbox }));
    expect(await screen.findByText("Nothing is closed yet")).toBeTruthy();
  });

  it("asks the control plane for what is filtered and searched", async () => {
    const inbox = vi.fn(fakeShell().inbox);
    const { user } = showConsole("#/approvals/pending", fakeShell({ inbox }));
    await user.click(await screen.findByRole("button", { name: /^staging/ }));
    await user.type(screen.getByRole("searchbox"), "store");
    await waitFor(() =>
      expect(inbox).toHaveBeenCalledWith({ view: "pending", env: "staging", text: "store", cursor: null }),
    );
  });
});

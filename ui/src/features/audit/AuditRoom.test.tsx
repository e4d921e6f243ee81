import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { broken } from "../../fixtures/audit";
import { fakeShell } from "../../testing/fake-shell";
import { show } from "../../testing/show";
import { AuditRoom } from "./AuditRoom";

it("lists entries newest first, each with its place in the ledger", async () => {
  show(<AuditRoom place={{}} onPlace={() => {}} />);
  const table = await screen.findByRole("table", { name: "Entries, newest first" });
  const indexes = within(table)
    .getAllByRole("row")
    .slice(1, 5)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent);
  expect(indexes).toEqual(["…", "…", "57", "56"]);
});

it("shows the leaf of an entry and proves that it is in the ledger", async () => {
  const auditInclusion = vi.fn(async () => ({
    included: true,
    sentence: "Entry 57 is in the tree of checkpoint #58.",
  }));
  const { user } = show(<AuditRoom place={{}} onPlace={() => {}} />, fakeShell({ auditInclusion }));
  const consumed = await screen.findAllByRole("button", { name: "billing-ci consumed the ticket." });
  await user.click(consumed[0] as HTMLElement);
  const drawer = within(screen.getByRole("dialog", { name: "ticket.consumed" }));
  expect(drawer.getByRole("region", { name: "The leaf" }).textContent).toContain('"kind": "ticket.consumed"');
  await user.click(drawer.getByRole("button", { name: "Prove inclusion" }));
  expect(await drawer.findByText("Entry 57 is in the tree of checkpoint #58.")).toBeTruthy();
});

it("asks for what is filtered, and leads to everything about one thing", async () => {
  const onPlace = vi.fn();
  const auditPage = vi.fn(fakeShell().auditPage);
  const { user } = show(<AuditRoom place={{ about: "tkt_1" }} onPlace={onPlace} />, fakeShell({ auditPage }));
  await screen.findByRole("table");
  expect(auditPage).toHaveBeenCalledWith({ kind: null, about: "tkt_1", text: null, cursor: null });
  await user.selectOptions(screen.getByRole("combobox", { name: "Kind" }), "ticket.opened");
  expect(onPlace).toHaveBeenCalledWith({ about: "tkt_1", kind: "ticket.opened" });
  await user.click(screen.getByRole("button", { name: "about tkt_1" }));
  expect(onPlace).toHaveBeenLastCalledWith({ about: undefined });
});

it("opens the signed note behind the badge, and says what does not hold", async () => {
  const { user } = show(<AuditRoom place={{}} onPlace={() => {}} />);
  await user.click(await screen.findByRole("button", { name: "Verified to checkpoint #398" }));
  const note = screen.getByRole("region", { name: "The signed note" });
  expect(note.textContent).toContain("countersign.example/ledger/this-machine");
});

it("names the entry that does not hold", async () => {
  const { user } = show(<AuditRoom place={{}} onPlace={() => {}} />, fakeShell({ integrity: async () => broken }));
  await user.click(await screen.findByRole("button", { name: "The ledger does not hold" }));
  expect(screen.getByRole("alert").textContent).toContain("Entry 212");
});

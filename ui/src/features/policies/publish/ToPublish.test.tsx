import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { aPublication } from "../../../fixtures/approvals";
import { someToPublish } from "../../../fixtures/policies";
import { Problem } from "../../../lib/problem";
import { fakeShell } from "../../../testing/fake-shell";
import { show, structuralFaults } from "../../../testing/show";
import { ToPublish } from "./ToPublish";

const part = () => within(screen.getByRole("region", { name: "What would come into force" }));

it("shows what a ticket would change, and which tests go", async () => {
  show(<ToPublish ticket={aPublication()} />, fakeShell());
  expect(await part().findByText("removes prod-needs-two")).toBeTruthy();
  expect(part().getByText("without a nightly run in production waits for two people")).toBeTruthy();
  expect(part().getByRole("region", { name: "Difference in policies" })).toBeTruthy();
  expect(part().getByText(/have the digests that are signed/)).toBeTruthy();
  expect(await structuralFaults()).toEqual([]);
});

it("shows nothing that is not what the ticket binds", async () => {
  const other = { ...someToPublish, is_bound: false };
  show(<ToPublish ticket={aPublication()} />, fakeShell({ toPublish: async () => other }));
  const note = await part().findByText("This is not what the ticket is about.");
  expect(note.closest(".note-danger")).not.toBeNull();
  expect(part().queryByText("removes prod-needs-two")).toBeNull();
  expect(part().queryByRole("region", { name: "Difference in policies" })).toBeNull();
});

it("takes that as news once the ticket is settled", async () => {
  const ticket = aPublication();
  const settled = { ...ticket, state: { name: "expired", at: ticket.approval_expires_at } as const };
  show(<ToPublish ticket={settled} />, fakeShell({ toPublish: async () => ({ ...someToPublish, is_bound: false }) }));
  expect((await part().findByText("This is not what the ticket is about.")).closest(".note-info")).not.toBeNull();
});

it("says why the policies cannot be shown", async () => {
  const refused = () => Promise.reject(new Problem("auth.scope_missing", "it takes the scope `policies:read`"));
  show(<ToPublish ticket={aPublication()} />, fakeShell({ toPublish: refused }));
  expect(await part().findByText("The policies cannot be shown.")).toBeTruthy();
  expect(part().getByText(/policies:read/)).toBeTruthy();
});

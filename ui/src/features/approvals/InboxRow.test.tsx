import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { aPublication, aTicket, summaryOf } from "../../fixtures/approvals";
import type { Ticket } from "../../lib/shell/shell";
import { fakeShell } from "../../testing/fake-shell";
import { show } from "../../testing/show";
import { InboxRow } from "./InboxRow";

const row = (ticket: Ticket) =>
  show(<InboxRow ticket={summaryOf(ticket)} href="#" open={false} onFocus={() => {}} />, fakeShell());

it("names a policy set by what it is for", () => {
  row(aPublication());
  expect(screen.getByText("“One approver is enough at night”")).toBeTruthy();
  expect(screen.queryByText(/policy_set:/)).toBeNull();
});

it("names anything else by what it is done to, whatever its title says", () => {
  row(aTicket({ statement: { title: "nothing to see here" } }));
  expect(screen.getByText("pipeline:billing/nightly")).toBeTruthy();
  expect(screen.queryByText(/nothing to see/)).toBeNull();
});

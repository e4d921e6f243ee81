import { act, screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { anAppState, aSession } from "../../fixtures/app";
import { aRoster, noRoster } from "../../fixtures/rooms";
import type { KeyState, SigningOutcome } from "../../lib/shell/shell";
import { fakeShell } from "../../testing/fake-shell";
import { show } from "../../testing/show";
import { RosterRoom } from "./RosterRoom";

const withKey = (state: KeyState) => ({
  appState: async () =>
    anAppState({ session: aSession({ key: { state, key_id: "key-id-here", device: "thinkpad" } }) }),
});

it("shows the keys in force and the chain of who signed", async () => {
  show(<RosterRoom />);
  const keys = await screen.findByRole("table", { name: "Keys in force" });
  expect(within(keys).getAllByRole("row")).toHaveLength(3);
  const versions = within(screen.getByRole("region", { name: "Versions" })).getAllByRole("listitem");
  expect(versions[0]?.textContent).toContain("Signed by Mara Lindt");
});

it("shows the whole key to compare before an enrolment is signed", async () => {
  let finish = (_: SigningOutcome) => {};
  const signEnrolment = vi.fn(() => new Promise<SigningOutcome>((done) => (finish = done)));
  const { user, shell } = show(<RosterRoom />, fakeShell({ signEnrolment }));
  const waiting = within(await screen.findByRole("article", { name: "Priya Raman, priya-desk" }));
  expect(waiting.getByText(aRoster.enrolments[0]?.key_id ?? "")).toBeTruthy();
  await user.click(await waiting.findByRole("button", { name: "Sign…" }));
  act(() => shell.say("signing-phase", "window"));
  expect(screen.getByText("Confirm in the signing window")).toBeTruthy();
  act(() => finish({ outcome: "cancelled" }));
  expect(await screen.findByText("Nothing was signed.")).toBeTruthy();
  expect(signEnrolment).toHaveBeenCalledWith("enr_01KAENR0000000000000000001");
});

it("offers no signature to a device that is not on the roster, and says why", async () => {
  show(<RosterRoom />, fakeShell(withKey("none")));
  expect(await screen.findByText("Only a device on a trusted roster can sign it.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Sign…" })).toBeNull();
  expect(screen.getByRole("button", { name: "Enrol this device" })).toBeTruthy();
});

it("shows the key of a device that waits, to be read to whoever signs it", async () => {
  show(<RosterRoom />, fakeShell(withKey("waiting")));
  expect(await screen.findByText("key-id-here")).toBeTruthy();
});

it("says when this device does not trust the roster, and signs nothing then", async () => {
  const rosterPage = async () => ({
    ...aRoster,
    problem: "Version 2 has digest sha256:aa, this device pinned sha256:bb.",
  });
  show(<RosterRoom />, fakeShell({ rosterPage }));
  expect((await screen.findByRole("alert")).textContent).toContain("pinned sha256:bb");
  expect(screen.queryByRole("button", { name: "Sign…" })).toBeNull();
});

it("says what a missing roster means", async () => {
  show(<RosterRoom />, fakeShell({ ...withKey("can_found"), rosterPage: async () => noRoster }));
  expect(await screen.findByText("There is no roster yet")).toBeTruthy();
  expect(await screen.findByRole("button", { name: "Found the roster" })).toBeTruthy();
});

import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { CreateServiceToken } from "../../lib/shell/shell";
import { fakeShell } from "../../testing/fake-shell";
import { show } from "../../testing/show";
import { AccountsRoom } from "./AccountsRoom";

const SECRET = "cst_5hQ2mW9xT4vB7nK1pL8dR3sY6zC0fGjA";

it("a secret that was shown once is gone from the page and from every cache when it is closed", async () => {
  const asked: CreateServiceToken[] = [];
  const createServiceToken = async (token: CreateServiceToken) => {
    asked.push(token);
    return { id: "crd_1", secret: SECRET, message: "Keep it.", expires_at: null, credential: null, account: null };
  };
  const { user, queries } = show(<AccountsRoom />, fakeShell({ createServiceToken }));
  const account = within(await screen.findByRole("article", { name: "storefront-ci" }));
  await user.click(await account.findByRole("button", { name: "Create a token…" }));
  await user.type(screen.getByRole("textbox", { name: "What for" }), "runner-9");
  await user.click(screen.getByRole("button", { name: "Create" }));

  const dialog = within(await screen.findByRole("dialog", { name: "Token for storefront-ci" }));
  expect(dialog.getByText(SECRET)).toBeTruthy();
  expect(dialog.getByRole("button", { name: "Done" })).toHaveProperty("disabled", true);
  await user.click(dialog.getByRole("checkbox", { name: "I have kept it" }));
  await user.click(dialog.getByRole("button", { name: "Done" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(document.documentElement.innerHTML).not.toContain(SECRET);
  const kept = [...queries.getQueryCache().getAll(), ...queries.getMutationCache().getAll()];
  expect(JSON.stringify(kept.map((entry) => entry.state))).not.toContain(SECRET);
  expect(asked).toEqual([
    {
      account: "storefront-ci",
      label: "runner-9",
      scopes: ["decisions:request", "deploy.app.update"],
      expires_in_seconds: 30 * 24 * 60 * 60,
    },
  ]);
});

it("waits for a fresh login in the browser, which can be cancelled", async () => {
  let refuse = (_: unknown) => {};
  const createServiceToken = () =>
    new Promise<never>((_, reject) => {
      refuse = reject;
    });
  let cancelled = 0;
  const cancelSignIn = async () => {
    cancelled += 1;
    refuse({ code: "sign_in_cancelled", detail: "you cancelled the login" });
    return null;
  };
  const shell = fakeShell({ createServiceToken, cancelSignIn });
  const { user } = show(<AccountsRoom />, shell);
  const account = within(await screen.findByRole("article", { name: "storefront-ci" }));
  await user.click(await account.findByRole("button", { name: "Create a token…" }));
  await user.type(screen.getByRole("textbox", { name: "What for" }), "runner-9");
  await user.click(screen.getByRole("button", { name: "Create" }));
  act(() => shell.say("signing-phase", "step_up"));
  expect(await screen.findByText("Waiting for your login in the browser…")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(cancelled).toBe(1);
  expect(await screen.findByText("You cancelled the login")).toBeTruthy();
  expect(screen.queryByText("Waiting for your login in the browser…")).toBeNull();
});

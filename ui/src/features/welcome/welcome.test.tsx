import { act, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { anAppState } from "../../fixtures/app";
import { Problem } from "../../lib/problem";
import { fakeShell } from "../../testing/fake-shell";
import { show, structuralFaults } from "../../testing/show";
import { SignInPage } from "./SignInPage";
import { WelcomePage } from "./WelcomePage";

describe("the welcome page", () => {
  it("offers two ways", async () => {
    show(<WelcomePage />);
    expect(screen.getByRole("button", { name: "Try it here" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Connect to a control plane" })).toBeTruthy();
    expect(await structuralFaults()).toEqual([]);
  });

  it("does not set anything up until the form is right, and leads to the first mistake", async () => {
    const tryItHere = vi.fn(async () => null);
    const { user } = show(<WelcomePage />, fakeShell({ tryItHere }));
    await user.click(screen.getByRole("button", { name: "Try it here" }));
    await user.type(screen.getByLabelText("Name"), "Mara Lindt");
    await user.click(screen.getByRole("button", { name: "Set up" }));
    expect(document.activeElement).toBe(screen.getByLabelText("E-mail"));
    expect(await structuralFaults()).toEqual([]);

    await user.type(screen.getByLabelText("E-mail"), "mara@example.com");
    await user.type(screen.getByLabelText("Password"), "correct horse battery");
    await user.type(screen.getByLabelText("Password again"), "correct horse batterx");
    await user.click(screen.getByRole("button", { name: "Set up" }));
    expect(screen.getByText("The two passwords differ.")).toBeTruthy();
    expect(tryItHere).not.toHaveBeenCalled();

    await user.type(screen.getByLabelText("Password again"), "{Backspace}y");
    await user.click(screen.getByRole("button", { name: "Set up" }));
    expect(tryItHere).toHaveBeenCalledWith({
      name: "Mara Lindt",
      email: "mara@example.com",
      password: "correct horse battery",
    });
    expect(screen.getByLabelText("Password")).toHaveProperty("value", "");
  });

  it("takes no address that others on the way could read", async () => {
    const connect = vi.fn(async () => null);
    const { user } = show(<WelcomePage />, fakeShell({ connect }));
    await user.click(screen.getByRole("button", { name: "Connect to a control plane" }));
    await user.type(screen.getByLabelText("Address"), "http://countersign.example.com{Enter}");
    expect(screen.getByText(/Use https/)).toBeTruthy();
    expect(connect).not.toHaveBeenCalled();
    await user.clear(screen.getByLabelText("Address"));
    await user.type(screen.getByLabelText("Address"), "https://countersign.example.com{Enter}");
    expect(connect).toHaveBeenCalledWith("https://countersign.example.com");
  });
});

describe("signing in", () => {
  const signedOut = anAppState({ stage: "signed_out", session: null });

  it("waits for the browser, can be cancelled, and tells a cancellation calmly", async () => {
    let stop = (_: Problem) => {};
    const signIn = () => new Promise<null>((_, fail) => (stop = fail));
    const cancelSignIn = async () => {
      stop(new Problem("console.sign_in_cancelled", "You cancelled it."));
      return null;
    };
    const { user, shell } = show(<SignInPage state={signedOut} />, fakeShell({ signIn, cancelSignIn }));
    await user.click(screen.getByRole("button", { name: "Sign in with your browser" }));
    expect(screen.getByText("Waiting for your login in the browser…")).toBeTruthy();
    act(() => shell.say("sign-in-phase", "exchanging"));
    expect(screen.getByText("Finishing the sign-in…")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("The sign-in was cancelled.")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByRole("button", { name: "Sign in with your browser" })).toBeTruthy();
  });

  it("says why the login page refused", async () => {
    const signIn = () =>
      Promise.reject(new Problem("console.sign_in_denied", "The request was denied (access_denied)."));
    const { user } = show(<SignInPage state={signedOut} />, fakeShell({ signIn }));
    await user.click(screen.getByRole("button", { name: "Sign in with your browser" }));
    expect(await screen.findByText("The request was denied (access_denied).")).toBeTruthy();
  });
});

import { describe, expect, it, vi } from "vitest";
import { Problem } from "../problem";

const { invoke } = vi.hoisted(() => ({ invoke: vi.fn() }));
vi.mock("@tauri-apps/api/core", () => ({ invoke }));
vi.mock("@tauri-apps/api/event", () => ({ listen: vi.fn() }));

const { shell, signingShell } = await import("./tauri");

describe("the desktop's shell", () => {
  it("gives what the command gave", async () => {
    invoke.mockResolvedValue([]);
    expect(await shell.accounts()).toEqual([]);
  });

  it("rejects with the failure's code and text", async () => {
    invoke.mockRejectedValue({ code: "approval.settled", detail: "It is settled." });
    const thrown = await shell.ticketPage("tkt_1").catch((problem: unknown) => problem);
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown).toMatchObject({ code: "approval.settled", message: "It is settled." });
  });

  it("rejects with a problem even when the bridge itself fails", async () => {
    invoke.mockRejectedValue(new Error("command signing_confirm not allowed"));
    await expect(signingShell.signingConfirm()).rejects.toMatchObject({ code: "console.defect" });
  });
});

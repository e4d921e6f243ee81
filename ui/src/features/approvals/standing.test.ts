import { describe, expect, it } from "vitest";
import { aTicket } from "../../fixtures/approvals";
import { standing } from "./standing";

const fine = { digestsAgree: true, offlineSince: null, isOver: false };

describe("standing", () => {
  it("is open when the control plane offers it and nothing holds", () => {
    expect(standing(aTicket(), "approve", fine)).toEqual({ as: "open" });
  });

  it("gives the control plane's reason before any other", () => {
    const ticket = aTicket({ actions: [{ name: "approve", allowed: false, reason: "You filed it." }] });
    const all = { digestsAgree: false, offlineSince: "2026-11-22T05:00:00.000Z", isOver: true };
    expect(standing(ticket, "approve", all)).toEqual({ as: "refused", reason: "You filed it." });
  });

  it("never offers what the control plane does not name", () => {
    expect(standing(aTicket({ actions: [] }), "deny", fine).as).toBe("refused");
  });

  it("closes when the clock ran out, whatever is offered", () => {
    expect(standing(aTicket(), "approve", { ...fine, isOver: true }).as).toBe("refused");
  });

  it("holds while digests differ or the control plane does not answer", () => {
    expect(standing(aTicket(), "approve", { ...fine, digestsAgree: false }).as).toBe("held");
    expect(standing(aTicket(), "deny", { ...fine, offlineSince: "2026-11-22T05:00:00.000Z" }).as).toBe("held");
  });
});

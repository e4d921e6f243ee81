import { describe, expect, it } from "vitest";
import {
  aCalmReplay,
  anUnprovedComparison,
  aReplay,
  aSafeComparison,
  aWideningComparison,
  liveAccess,
  weakerAccess,
} from "../../../fixtures/policy-reports";
import type { AccessRow, Comparison, Proof } from "../../../lib/shell/shell";
import { accessChanges } from "./access-change";
import { pastVerdict, presentVerdict, proofTone, provedVerdict } from "./verdict";

const change = (comparison: Comparison, of: Partial<Proof>, to: Partial<Proof>): Comparison => ({
  ...comparison,
  proofs: comparison.proofs.map((proof) =>
    proof.aspect === of.aspect && proof.direction === of.direction ? { ...proof, ...to } : proof,
  ),
});

describe("proved", () => {
  it("is red as soon as one request is let through that was not", () => {
    expect(provedVerdict(aWideningComparison())).toEqual({ tone: "danger", text: "Widens" });
  });

  it("is green only when everything was proved", () => {
    expect(provedVerdict(aSafeComparison())).toEqual({ tone: "success", text: "Same answers" });
  });

  it("never takes what is not known for safe", () => {
    expect(provedVerdict(anUnprovedComparison()).tone).toBe("neutral");
    const unknown = change(aSafeComparison(), { aspect: "ceiling", direction: "widens" }, { proved: "unknown" });
    expect(provedVerdict(unknown)).toEqual({ tone: "neutral", text: "Not proved" });
    expect(provedVerdict({ ...aSafeComparison(), proofs: [] }).tone).toBe("neutral");
  });

  it("is amber when the draft only forbids more", () => {
    const narrower = change(aSafeComparison(), { aspect: "ceiling", direction: "narrows" }, { proved: "sometimes" });
    expect(provedVerdict(narrower)).toEqual({ tone: "warning", text: "Narrows only" });
  });

  it("colours each proof by what it found and in which direction", () => {
    const [first] = aSafeComparison().proofs;
    const tone = (proved: Proof["proved"], direction: Proof["direction"]) =>
      first && proofTone({ ...first, proved, direction });
    expect(tone("sometimes", "widens")).toBe("danger");
    expect(tone("sometimes", "narrows")).toBe("warning");
    expect(tone("unknown", "widens")).toBe("neutral");
    expect(tone("never", "narrows")).toBe("success");
  });
});

describe("past", () => {
  it("tells denials that would be allowed before anything else", () => {
    expect(pastVerdict(aReplay())).toEqual({ tone: "danger", text: "3 denied → allowed" });
  });

  it("is amber when what flips gets stricter", () => {
    const flips = aReplay().flips.filter(({ widens }) => !widens);
    expect(pastVerdict({ ...aReplay(), flips })).toEqual({ tone: "warning", text: "2 decisions stricter" });
  });

  it("is green only when every decision was asked again", () => {
    expect(pastVerdict(aCalmReplay()).tone).toBe("success");
    const { coverage } = aReplay();
    expect(pastVerdict({ ...aCalmReplay(), coverage })).toEqual({ tone: "neutral", text: "Nothing flips, with gaps" });
    const none = { recorded: 0, replayed: 0, skipped: [] };
    expect(pastVerdict({ ...aCalmReplay(), coverage: none }).text).toBe("Nothing to replay");
  });
});

describe("present", () => {
  const report = (rows: AccessRow[]) => ({ rows, asked: 10, cut: false, policy_set: "sha256:00" });
  const changes = (before: AccessRow[], after: AccessRow[]) => accessChanges(report(before), report(after));

  it("finds who gains, who loses and who needs fewer approvers", () => {
    const found = changes(liveAccess, weakerAccess);
    expect(found.map(({ name, kind, widens }) => [name, kind, widens])).toEqual([
      ["agent-7", "added", true],
      ["billing-ci", "changed", true],
      ["storefront-ci", "changed", true],
    ]);
    expect(presentVerdict(found)).toEqual({ tone: "danger", text: "3 easier" });
  });

  it("tells the way back as stricter", () => {
    const found = changes(weakerAccess, liveAccess);
    expect(found.every(({ widens }) => !widens)).toBe(true);
    expect(found.map(({ kind }) => kind)).toContain("removed");
    expect(presentVerdict(found).tone).toBe("warning");
  });

  it("takes another reason with the same answer for no change", () => {
    expect(
      changes(
        liveAccess,
        liveAccess.map((row) => ({ ...row, because: ["another"] })),
      ),
    ).toEqual([]);
  });

  it("ranks an approval by many below one by few, and both between denied and allowed", () => {
    const [row] = liveAccess;
    const with_ = (outcome: AccessRow["outcome"], approvers: number | null) => [
      { ...row, outcome, approvers } as AccessRow,
    ];
    const widens = (before: AccessRow[], after: AccessRow[]) => changes(before, after)[0]?.widens;
    expect(widens(with_("require_approval", 3), with_("require_approval", 2))).toBe(true);
    expect(widens(with_("require_approval", 1), with_("allow", null))).toBe(true);
    expect(widens([], with_("require_approval", 100))).toBe(true);
    expect(widens(with_("allow", null), with_("require_approval", 1))).toBe(false);
  });
});

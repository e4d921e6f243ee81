import { expect, it } from "vitest";
import { atMoment, countdown, environmentTone, lasting, relative, visible } from "./format";

const noon = "2026-11-22T12:00:00.000Z";
const after = (seconds: number) => Date.parse(noon) + seconds * 1000;

it("tells absolute times in UTC wherever it runs", () => {
  expect(atMoment("2026-11-22T05:14:03.000Z")).toBe("22 Nov 2026, 05:14:03 UTC");
});

it("tells times near the present by their distance, others by their date", () => {
  expect(relative(noon, after(10))).toBe("just now");
  expect(relative(noon, after(240))).toBe("4 min ago");
  expect(relative(noon, after(-7_200))).toBe("in 2 h");
  expect(relative(noon, after(3 * 86_400))).toBe("22 Nov 2026");
});

it("counts down to zero and no further", () => {
  expect(countdown(872_000)).toBe("14:32");
  expect(countdown(7_390_000)).toBe("2:03:10");
  expect(countdown(900)).toBe("0:01");
  expect(countdown(-5_000)).toBe("0:00");
});

it("tells a span in its largest unit", () => {
  expect([40, 300, 7_200, 259_200].map(lasting)).toEqual(["40 s", "5 min", "2 h", "3 days"]);
});

it("makes production loud however it is spelt, and not what only sounds like it", () => {
  expect(["prod", "eu-prod", "prod.1", "LIVE", "production"].map(environmentTone)).toEqual(Array(5).fill("danger"));
  expect(["staging", "uat-2"].map(environmentTone)).toEqual(["warning", "warning"]);
  expect(["dev", "product-demo", "reproduction"].map(environmentTone)).toEqual(["calm", "calm", "calm"]);
});

it("writes out what would hide or reorder, and leaves other scripts alone", () => {
  expect(visible("rm \u202etxt\u200b\n")).toBe("rm ‹U+202E›txt‹U+200B›‹U+000A›");
  expect(visible("Zürich Київ 東京")).toBe("Zürich Київ 東京");
});

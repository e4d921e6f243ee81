import { expect, it } from "vitest";
import { founderErrors } from "./founder";
import { passwordHint } from "./password";

const good = {
  name: "Mara",
  email: "mara@example.com",
  password: "correct horse battery",
  again: "correct horse battery",
};

it("takes a name, an address and a long password that was typed twice", () => {
  expect(founderErrors(good)).toEqual({});
});

it("says what is wrong with each field", () => {
  const errors = founderErrors({ name: " ", email: "mara", password: "short", again: "shorter" });
  expect(Object.keys(errors)).toEqual(["name", "email", "password", "again"]);
});

it("counts characters, not bytes", () => {
  const password = "ä".repeat(11);
  expect(founderErrors({ ...good, password, again: password }).password).toBe("Use at least 12 characters.");
});

it("hints at what makes a password better", () => {
  expect(passwordHint("short")).toBe("7 more characters needed.");
  expect(passwordHint("aaaaaaaaaaaaaa")).toMatch(/same few characters/);
  expect(passwordHint("correct horse battery")).toBe("Strong.");
});

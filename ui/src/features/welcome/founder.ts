// The founding administrator as typed, and what is still wrong with it.
import type { Founder } from "../../lib/shell/shell";
import { MIN_PASSWORD } from "./password";

export type FounderForm = Founder & { again: string };
export type FounderErrors = Partial<Record<keyof FounderForm, string>>;

/** Nothing wrong is an empty object. */
export function founderErrors({ name, email, password, again }: FounderForm): FounderErrors {
  const errors: FounderErrors = {};
  if (name.trim() === "") errors.name = "Say how you are called.";
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) errors.email = "This is not an e-mail address.";
  if ([...password].length < MIN_PASSWORD) errors.password = `Use at least ${MIN_PASSWORD} characters.`;
  if (again !== password) errors.again = "The two passwords differ.";
  return errors;
}

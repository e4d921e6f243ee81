// What is asked of a new password: length above all.

export const MIN_PASSWORD = 12;

/** One line about a password while it is typed. */
export function passwordHint(password: string): string {
  const missing = MIN_PASSWORD - [...password].length;
  if (password === "") return `At least ${MIN_PASSWORD} characters. A few unrelated words are good.`;
  if (missing > 0) return `${missing} more ${missing === 1 ? "character" : "characters"} needed.`;
  if (new Set(password.toLowerCase()).size < 6) return "Long enough, but the same few characters: easy to guess.";
  if (missing > -6) return "Good enough. Longer is better.";
  return "Strong.";
}

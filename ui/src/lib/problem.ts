// Why something failed, as the page tells it. The shell throws nothing else.

/** A command that failed: a stable code and what is wrong, with what would help. Hosts say it in lower case. */
export class Problem extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail.replace(/^[a-z]/, (letter) => letter.toUpperCase()));
    this.name = "Problem";
    this.code = code;
  }
}

/** Whatever was thrown, as a problem. Defects of the page itself get the code `console.defect`. */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (isFailure(thrown)) return new Problem(thrown.code, thrown.detail);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem("console.defect", detail);
}

function isFailure(value: unknown): value is { code: string; detail: string } {
  if (typeof value !== "object" || value === null) return false;
  const { code, detail } = value as Record<string, unknown>;
  return typeof code === "string" && typeof detail === "string";
}

// How a change of the roster ended, when it did not end with a signature.
import type { NoteTone } from "../../components/Note";
import type { SigningEnd } from "../../lib/shell/signing";

export type EndingText = { tone: NoteTone; title: string; text?: string };

export function endingOf(end: SigningEnd): EndingText {
  switch (end.outcome) {
    case "signed":
      return { tone: "success", title: "Signed. A new version is in force." };
    case "cancelled":
      return { tone: "info", title: "Nothing was signed." };
    case "decided_meanwhile":
      return { tone: "info", title: "Settled meanwhile.", text: end.sentence };
    case "failed":
      return { tone: "danger", title: "Nothing was signed.", text: end.problem.message };
  }
}

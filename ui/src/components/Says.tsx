// What a stranger wrote, labelled and set apart from what is known.
import { Revealed, type RevealedSpan } from "./Revealed";
import "./says.css";

type Words = { title: RevealedSpan[] | null; description: RevealedSpan[] | null };

type Props = { who: string; says: Words; heading: "h2" | "h3" };

/** `who` wrote it. Nothing is shown if they wrote nothing. */
export function Says({ who, says, heading: Heading }: Props) {
  if (!says.title && !says.description) return null;
  return (
    <section className="says" aria-label="What the requester says">
      <Heading>What the requester says</Heading>
      <p className="says-label">In {who}’s own words. Not checked, and not part of what is signed.</p>
      <blockquote>
        {says.title && (
          <p className="says-title">
            <Revealed spans={says.title} />
          </p>
        )}
        {says.description && (
          <p>
            <Revealed spans={says.description} />
          </p>
        )}
      </blockquote>
    </section>
  );
}

// What the control plane found out about a ticket before it opened it. It is neither signed nor checked on this device.
import { Sentence } from "./Sentence";
import "./found.css";

export function Found({ sentences, heading: Heading }: { sentences: string[]; heading: "h2" | "h3" }) {
  if (sentences.length === 0) return null;
  return (
    <section className="found" aria-label="What the control plane found">
      <Heading>What the control plane found</Heading>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>
            <Sentence text={sentence} />
          </li>
        ))}
      </ul>
      <p className="muted">When the ticket was opened. Not part of what is signed.</p>
    </section>
  );
}

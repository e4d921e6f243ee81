// Names and values, one pair a line.
import type { ReactNode } from "react";
import "./facts.css";

/** Pairs whose value is `null` are left out. */
export function Facts({ facts, stacked }: { facts: [string, ReactNode][]; stacked?: boolean }) {
  return (
    <dl className={stacked ? "facts facts-stacked" : "facts"}>
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

// The first page: try it on this machine, or connect to a control plane that somebody runs.
import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { Mark } from "../../components/Frame";
import { ConnectForm } from "./ConnectForm";
import { TryItHereForm } from "./TryItHereForm";
import "./welcome.css";

export function WelcomePage() {
  const [way, setWay] = useState<"try" | "connect" | null>(null);
  if (way === "try") {
    return (
      <Threshold title="Try it here">
        <TryItHereForm onBack={() => setWay(null)} />
      </Threshold>
    );
  }
  if (way === "connect") {
    return (
      <Threshold title="Connect to a control plane">
        <ConnectForm onBack={() => setWay(null)} />
      </Threshold>
    );
  }
  return (
    <Threshold
      title="Countersign"
      lead="A production action runs only if it is exactly what the right people saw and signed."
    >
      <div className="welcome-ways">
        <section className="card">
          <h2>On this machine</h2>
          <p className="muted">
            A control plane inside this console, with sample accounts and policies. You become its first administrator.
            Nothing leaves this machine.
          </p>
          <Button tone="primary" onClick={() => setWay("try")}>
            Try it here
          </Button>
        </section>
        <section className="card">
          <h2>With your team</h2>
          <p className="muted">You were given the address of a control plane and an account on it.</p>
          <Button onClick={() => setWay("connect")}>Connect to a control plane</Button>
        </section>
      </div>
    </Threshold>
  );
}

/** The frame of the pages before the rooms. */
export function Threshold({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className="threshold">
      <div className="threshold-sheet">
        <Mark />
        <h1>{title}</h1>
        {lead && <p className="threshold-lead">{lead}</p>}
        {children}
      </div>
    </main>
  );
}

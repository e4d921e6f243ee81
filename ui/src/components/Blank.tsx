// What stands where there is nothing yet: what will appear here, a wait, or a problem with a way to try again.
import type { ReactNode } from "react";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import { Note } from "./Note";
import "./blank.css";

/** An empty place that says what will come. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="blank">
      <Icon name={icon} />
      <p className="blank-title">{title}</p>
      {children && <div className="blank-text">{children}</div>}
    </div>
  );
}

/** A wait that is only shown once it is felt. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="blank blank-loading" role="status">
      <span className="spinner" />
      <p>Loading {what}…</p>
    </div>
  );
}

/** Something that could not be had. */
export function Failed({ title, problem, onRetry }: { title: string; problem: Error; onRetry?: () => void }) {
  return (
    <div className="blank-failed">
      <Note
        tone="danger"
        title={title}
        action={
          onRetry && (
            <Button small onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        {problem.message}
      </Note>
    </div>
  );
}

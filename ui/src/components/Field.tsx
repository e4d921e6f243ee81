// A labelled control with its hint and its error, tied together for screen readers.
import { type ComponentProps, type ReactNode, useId } from "react";
import "./field.css";

type Around = { label: string; hint?: ReactNode; error?: string | undefined };

function useAround({ hint, error }: Around) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const control = { id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined };
  return { id, control };
}

function Around({ id, label, hint, error, children }: Around & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, error, ...rest }: Around & ComponentProps<"input">) {
  const { id, control } = useAround({ label, hint, error });
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <input className="input" autoComplete="off" spellCheck={false} {...rest} {...control} />
    </Around>
  );
}

export function TextArea({ label, hint, error, ...rest }: Around & ComponentProps<"textarea">) {
  const { id, control } = useAround({ label, hint, error });
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <textarea className="input" rows={3} {...rest} {...control} />
    </Around>
  );
}

export function SelectField({ label, hint, error, ...rest }: Around & ComponentProps<"select">) {
  const { id, control } = useAround({ label, hint, error });
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <select className="input" {...rest} {...control} />
    </Around>
  );
}

type Choices = { label: string; options: string[]; chosen: string[]; onChange: (chosen: string[]) => void };

/** Any number of some names. */
export function CheckList({ label, options, chosen, onChange, hint, error }: Choices & Omit<Around, "label">) {
  return (
    <fieldset className="field checklist">
      <legend>{label}</legend>
      {hint && <div className="field-hint">{hint}</div>}
      <div className="checklist-options">
        {options.map((option) => (
          <Check
            key={option}
            label={<code>{option}</code>}
            on={chosen.includes(option)}
            onChange={(on) => onChange(on ? [...chosen, option] : chosen.filter((other) => other !== option))}
          />
        ))}
      </div>
      {error && <p className="field-error">{error}</p>}
    </fieldset>
  );
}

/** One thing that is so or not. */
export function Check({ label, on, onChange }: { label: ReactNode; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="check">
      <input type="checkbox" checked={on} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  );
}

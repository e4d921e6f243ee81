// Makes the founding administrator of the control plane on this machine. The password goes to the host once and is
// forgotten here.
import { type FormEvent, useState } from "react";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { type FounderErrors, type FounderForm, founderErrors } from "./founder";
import { passwordHint } from "./password";

const blank: FounderForm = { name: "", email: "", password: "", again: "" };

export function TryItHereForm({ onBack }: { onBack: () => void }) {
  const shell = useShell();
  const [form, setForm] = useState(blank);
  const [errors, setErrors] = useState<FounderErrors>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const field = (name: keyof FounderForm) => ({
    name,
    value: form[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => {
      const next = { ...form, [name]: target.value };
      setForm(next);
      if (errors[name]) setErrors(founderErrors(next));
    },
  });

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = founderErrors(form);
    setErrors(found);
    const first = Object.keys(blank).find((name) => name in found);
    if (first) {
      const control = event.currentTarget.elements.namedItem(first);
      if (control instanceof HTMLElement) control.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    const { name, email, password } = form;
    await shell.tryItHere({ name: name.trim(), email: email.trim(), password }).then(
      () => setForm(blank),
      (thrown) => setProblem(problemFrom(thrown)),
    );
    setBusy(false);
  };

  return (
    <form className="threshold-form" noValidate onSubmit={submit}>
      <p className="muted">You become the first administrator. You will sign in with this address and password.</p>
      <TextField label="Name" autoComplete="name" autoFocus {...field("name")} />
      <TextField label="E-mail" type="email" autoComplete="username" {...field("email")} />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        hint={<span aria-live="polite">{passwordHint(form.password)}</span>}
        {...field("password")}
      />
      <TextField label="Password again" type="password" autoComplete="new-password" {...field("again")} />
      {problem && (
        <Note tone="danger" title="It could not be set up.">
          {problem.message}
        </Note>
      )}
      <div className="threshold-buttons">
        <Button onClick={onBack} disabled={busy}>
          Back
        </Button>
        <Button type="submit" tone="primary" busy={busy}>
          {busy ? "Setting up…" : "Set up"}
        </Button>
      </div>
    </form>
  );
}

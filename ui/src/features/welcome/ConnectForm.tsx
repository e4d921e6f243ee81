// Chooses a control plane by its address.
import { type FormEvent, useState } from "react";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";

export function ConnectForm({ onBack }: { onBack: () => void }) {
  const shell = useShell();
  const [url, setUrl] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = addressError(url);
    setError(wrong);
    if (wrong) return;
    setBusy(true);
    await shell.connect(url.trim()).catch((thrown) => setError(problemFrom(thrown).message));
    setBusy(false);
  };

  return (
    <form className="threshold-form" noValidate onSubmit={submit}>
      <TextField
        label="Address"
        type="url"
        autoFocus
        placeholder="https://countersign.example.com"
        hint="Ask whoever runs it. Only HTTPS is taken, or HTTP on this machine."
        value={url}
        error={error}
        onChange={({ target }) => setUrl(target.value)}
      />
      <div className="threshold-buttons">
        <Button onClick={onBack} disabled={busy}>
          Back
        </Button>
        <Button type="submit" tone="primary" busy={busy}>
          {busy ? "Connecting…" : "Connect"}
        </Button>
      </div>
    </form>
  );
}

function addressError(text: string): string | undefined {
  const url = parsed(text.trim());
  if (!url) return "This is not an address: it should look like https://countersign.example.com.";
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && local)) return undefined;
  return "Use https://: anybody on the way could read and change what is sent over http://.";
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

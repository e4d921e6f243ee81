// Keys as they are printed on a keyboard.
import "./keys.css";

const names: Record<string, string> = { mod: "Ctrl", Escape: "Esc", Enter: "Enter" };

export function Keys({ keys }: { keys: string }) {
  const parts = keys.split(/[ +]/).filter(Boolean);
  return (
    <span className="keys">
      {parts.map((part) => (
        <kbd key={part}>{names[part] ?? part.toUpperCase()}</kbd>
      ))}
    </span>
  );
}

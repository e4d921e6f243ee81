// Names of scopes, workspaces or networks in a row; `none` says what no name means.
export function Chips({ label, names, none }: { label?: string; names: string[]; none: string }) {
  return (
    <span className="chips">
      {label && <span className="muted">{label}</span>}
      {names.length === 0 && none}
      {names.map((name) => (
        <code key={name} className="chip">
          {name}
        </code>
      ))}
    </span>
  );
}

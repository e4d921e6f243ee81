// Every room and action by name, after the ARIA combobox pattern: type, move with the arrows, Enter.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog } from "../Dialog";
import { type Command, useAllCommands } from "./commands";
import { Keys } from "./Keys";
import "./palette.css";

export function Palette({ onClose }: { onClose: () => void }) {
  const base = useId();
  const list = useRef<HTMLUListElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const found = matching(outermostFirst(useAllCommands()), typed);
  const chosen = Math.min(at, found.length - 1);

  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") run(found[chosen]);
    else if (event.key === "ArrowDown") setAt((chosen + 1) % found.length);
    else if (event.key === "ArrowUp") setAt((chosen - 1 + found.length) % found.length);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Command palette" shape="palette" onClose={onClose}>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Room or action"
        aria-expanded={found.length > 0}
        aria-controls={`${base}-list`}
        aria-activedescendant={found[chosen] ? `${base}-${chosen}` : undefined}
        placeholder="Go to a room or do something…"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul ref={list} id={`${base}-list`} role="listbox" aria-label="Rooms and actions" className="palette-list">
        {found.map((command, place) => (
          <li
            key={`${command.group} ${command.label}`}
            id={`${base}-${place}`}
            role="option"
            aria-selected={place === chosen}
            onClick={() => run(command)}
            onMouseMove={() => setAt(place)}
          >
            <span className="palette-group">{command.group}</span>
            <span className="palette-label">{command.label}</span>
            {command.keys && <Keys keys={command.keys} />}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="palette-none">Nothing is called that.</p>}
    </Dialog>
  );
}

function matching(commands: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter((command) => {
    const text = `${command.group} ${command.label}`.toLowerCase();
    return !command.keysOnly && !command.toldOnly && words.every((word) => text.includes(word));
  });
}

// Rooms before what is in them, and decisions last, so that none is ever the first to be chosen.
function outermostFirst(commands: Command[]): Command[] {
  const groups = [...new Set(commands.map((command) => command.group))].reverse();
  return groups.flatMap((group) => commands.filter((command) => command.group === group));
}

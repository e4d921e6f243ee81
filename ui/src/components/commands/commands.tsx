// What can be done here and now, with or without a key. One list feeds the keys, the help and the palette, so that they
// cannot disagree. A modal dialog swallows the keys; fields keep what is typed.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";

export type Command = {
  label: string;
  group: string;
  /** `j`, `?`, `Escape`, `g a` (one after the other) or `mod+k`. */
  keys?: string;
  run: () => void;
  /** Left out of the palette, as moving about is. */
  keysOnly?: boolean;
  /** Only told in the help: whoever has the focus answers the keys itself. */
  toldOnly?: boolean;
};

type Registry = {
  commands: Command[];
  register: (owner: string, commands: () => Command[]) => () => void;
};

const RegistryContext = createContext<Registry | null>(null);
const SEQUENCE_MS = 1_200;

export function CommandsProvider({ singleKeys, children }: { singleKeys: boolean; children: ReactNode }) {
  const [owners, setOwners] = useState<ReadonlyMap<string, () => Command[]>>(new Map());

  const register = useCallback<Registry["register"]>((owner, commands) => {
    setOwners((all) => new Map(all).set(owner, commands));
    return () => setOwners((all) => new Map([...all].filter(([other]) => other !== owner)));
  }, []);
  const registry = useMemo<Registry>(
    () => ({ commands: [...owners.values()].flatMap((commands) => commands()), register }),
    [owners, register],
  );

  useEffect(() => {
    let prefix = "";
    let prefixed = 0;
    const press = (event: KeyboardEvent) => {
      const key = nameOf(event);
      if (!key || event.defaultPrevented || isSwallowed(event, key)) return;
      const keys = prefix && Date.now() - prefixed < SEQUENCE_MS ? `${prefix} ${key}` : key;
      prefix = "";
      const usable = registry.commands.filter(
        (command) => command.keys && !command.toldOnly && (singleKeys || !isSingle(command.keys)),
      );
      const command = usable.findLast((one) => one.keys === keys);
      if (command) {
        event.preventDefault();
        command.run();
      } else if (keys === key && usable.some((one) => one.keys?.startsWith(`${key} `))) {
        prefix = key;
        prefixed = Date.now();
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [registry, singleKeys]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Everything that can be done now. */
export function useAllCommands(): Command[] {
  return useContext(RegistryContext)?.commands ?? [];
}

/** Offers commands for as long as the component is there. They may close over anything: the latest is run. */
export function useCommands(commands: Command[]): void {
  const registry = useContext(RegistryContext);
  const owner = useId();
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  const shape = commands.map(({ label, group, keys }) => `${group}\n${label}\n${keys}`).join("\n\n");
  const register = registry?.register;
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered anew only when what is offered changes
  useEffect(() => register?.(owner, () => current(latest)), [register, owner, shape]);
}

function current(latest: { current: Command[] }): Command[] {
  return latest.current.map((command, at) => ({ ...command, run: () => latest.current[at]?.run() }));
}

function nameOf(event: KeyboardEvent): string | null {
  if (event.isComposing || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return `mod+${event.key.toLowerCase()}`;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function isSwallowed(event: KeyboardEvent, key: string): boolean {
  if (document.querySelector("dialog[open]")) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (key.startsWith("mod+")) return false;
  if (target?.closest("input, textarea, select, [contenteditable]")) return true;
  return key === "Enter" && Boolean(target?.closest("a, button, summary"));
}

function isSingle(keys: string): boolean {
  return keys.split(" ").some((key) => key.length === 1);
}

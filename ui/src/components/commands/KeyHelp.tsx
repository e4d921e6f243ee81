// The keys that work here, and the switch for those that are single letters.
import { Dialog } from "../Dialog";
import { Check } from "../Field";
import { useAllCommands } from "./commands";
import { Keys } from "./Keys";
import "./key-help.css";

type Props = { singleKeys: boolean; onSingleKeys: (on: boolean) => void; onClose: () => void };

export function KeyHelp({ singleKeys, onSingleKeys, onClose }: Props) {
  const commands = useAllCommands().filter((command) => command.keys);
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <Dialog title="Keyboard shortcuts" shape="wide" onClose={onClose}>
      <div className="key-help">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={`${command.keys} ${command.label}`}>
                    <dt>{command.label}</dt>
                    <dd>
                      <Keys keys={command.keys ?? ""} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <Check label="Single-letter shortcuts" on={singleKeys} onChange={onSingleKeys} />
    </Dialog>
  );
}

// What every page can reach: the host, the kept answers, the commands and the announcer.
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Announcer } from "./components/Announcer";
import { CommandsProvider } from "./components/commands/commands";
import { useSingleKeys } from "./lib/preferences";
import { ShellProvider } from "./lib/shell/context";
import { newQueryClient, useFreshness } from "./lib/shell/freshness";
import type { Shell } from "./lib/shell/shell";

type Props = { shell: Shell; queries?: QueryClient; children: ReactNode };

export function Providers({ shell, queries, children }: Props) {
  const [client] = useState(() => queries ?? newQueryClient());
  const [singleKeys] = useSingleKeys();
  return (
    <ShellProvider value={shell}>
      <QueryClientProvider client={client}>
        <CommandsProvider singleKeys={singleKeys}>
          <Announcer>
            <Fresh />
            {children}
          </Announcer>
        </CommandsProvider>
      </QueryClientProvider>
    </ShellProvider>
  );
}

function Fresh() {
  useFreshness();
  return null;
}

// Shows a part of the console, or all of it, on a fake host.
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { newQueryClient } from "../lib/shell/freshness";
import { Providers } from "../Providers";
import { Stages } from "../routes";
import { type FakeShell, fakeShell } from "./fake-shell";

export function show(ui: ReactNode, shell: FakeShell = fakeShell()) {
  const user = userEvent.setup();
  const queries = newQueryClient();
  const { container } = render(
    <Providers shell={shell} queries={queries}>
      {ui}
    </Providers>,
  );
  return { user, shell, queries, container };
}

/** The whole console at an address, such as `#/roster`. */
export function showConsole(address = "", shell?: FakeShell) {
  window.location.hash = address;
  return show(<Stages />, shell);
}

/** What axe finds wrong with the structure of the page. Colours are for a browser that draws. */
export async function structuralFaults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\n")}`);
}

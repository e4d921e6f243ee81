// The simulator on the set in force.
import { Dialog } from "../../../components/Dialog";
import type { PolicyTexts } from "../../../lib/shell/shell";
import { useOutline } from "../draft/use-checked";
import { SimulatePanel } from "./SimulatePanel";

type Props = { version: number; digest: string; texts: PolicyTexts | undefined; onClose: () => void };

export function SimulateDrawer({ version, digest, texts, onClose }: Props) {
  const outline = useOutline(texts);
  return (
    <Dialog title={`Ask version ${version}`} shape="drawer" onClose={onClose}>
      <SimulatePanel subject="live" of={digest} outline={outline} />
    </Dialog>
  );
}

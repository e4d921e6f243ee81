// The right side of the desk: three lenses and the simulator.
import { useState } from "react";
import type { PolicyOutline, PolicyTexts } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { Lenses, LensLabel } from "../lenses/Lenses";
import { Past } from "../lenses/Past";
import { Present } from "../lenses/Present";
import { Proved } from "../lenses/Proved";
import { pastVerdict, presentVerdict, provedVerdict } from "../lenses/verdict";
import { SimulatePanel } from "../simulate/SimulatePanel";
import type { DraftLenses as All } from "./use-draft-lenses";

type Props = {
  lenses: All;
  texts: PolicyTexts;
  digest: string | null;
  outline: PolicyOutline | undefined;
  onTest: MakeTest;
  onLine: (line: number) => void;
};

export function DraftLenses({ lenses, texts, digest, outline, onTest, onLine }: Props) {
  const [open, setOpen] = useState("proved");
  const { proved, past, present, range, setRange } = lenses;
  return (
    <Lenses
      open={open}
      onOpen={setOpen}
      tabs={[
        {
          id: "proved",
          label: <LensLabel name="Proved" lens={proved} verdict={provedVerdict} />,
          content: <Proved lens={proved} onTest={onTest} onLine={onLine} />,
        },
        {
          id: "past",
          label: <LensLabel name="Past" lens={past} verdict={pastVerdict} />,
          content: <Past lens={past} range={range} onRange={setRange} onTest={onTest} />,
        },
        {
          id: "present",
          label: <LensLabel name="Present" lens={present} verdict={({ changes }) => presentVerdict(changes)} />,
          content: <Present lens={present} />,
        },
        {
          id: "simulate",
          label: (
            <span className="lens-label">
              <span className="lens-name">Simulate</span>
              <span className="lens-verdict">One question</span>
            </span>
          ),
          content: <SimulatePanel subject={{ texts }} of={digest} outline={outline} />,
          kept: true,
        },
      ]}
    />
  );
}

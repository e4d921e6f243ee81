// Which answer a new test shall pin: the one in force, so that the draft may not change it, or the draft's, so that it
// stays what was wanted. The person chooses; nothing is chosen beforehand.
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { answerWords, inWords } from "../words";
import type { Difference, Pinned } from "./case-from";

type Props = { difference: Difference; onPin: (pinned: Pinned) => void; onClose: () => void };

export function PinDialog({ difference, onPin, onClose }: Props) {
  const { live, draft, liveApprovers, draftApprovers } = difference;
  return (
    <Dialog title="Make a test of it" shape="wide" onClose={onClose}>
      <div className="stack">
        <p>{inWords(difference.question)}.</p>
        <p className="muted">Which answer must it have from now on, in this draft and whatever is made of it?</p>
        <div className="pins">
          <Button onClick={() => onPin("live")}>The one in force: {answerWords(live, liveApprovers)}</Button>
          <span className="muted">The test fails until the draft answers as before: it forbids the change.</span>
          <Button onClick={() => onPin("draft")}>The draft’s: {answerWords(draft, draftApprovers)}</Button>
          <span className="muted">The test passes now, and fails if a later change takes it back.</span>
        </div>
      </div>
    </Dialog>
  );
}

// Shown while the person is needed somewhere else, such as in the browser.
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import "./wait-dialog.css";

type Props = { title: string; text: string; onCancel?: () => void };

export function WaitDialog({ title, text, onCancel }: Props) {
  return (
    <Dialog title={title} footer={onCancel && <Button onClick={onCancel}>Cancel</Button>}>
      <div className="wait" role="status">
        <span className="spinner" />
        <p>{text}</p>
      </div>
    </Dialog>
  );
}

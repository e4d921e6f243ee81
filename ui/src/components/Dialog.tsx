// A modal on the browser's own <dialog>: focus trap, inert background and Escape come with it, and no style element is
// injected, which the content security policy would refuse. The first field gets the focus; where there is none the
// title does, so that no button is chosen beforehand.
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { Icon } from "./Icon";
import "./dialog.css";

type Props = {
  title: string;
  children: ReactNode;
  /** The buttons. */
  footer?: ReactNode;
  /** Absent where the person must wait or decide. */
  onClose?: () => void;
  shape?: "box" | "wide" | "broad" | "drawer" | "palette";
};

const FIRST_FIELD = ".dialog-body :is(input:not([type=checkbox]), textarea, select)";

export function Dialog({ title, children, footer, onClose, shape = "box" }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    element.showModal();
    const first = element.querySelector<HTMLElement>(FIRST_FIELD) ?? element.querySelector("h2");
    first?.focus();
    return () => element.close();
  }, []);

  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way, and the browser handles it
    <dialog
      ref={dialog}
      className={`dialog dialog-${shape}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        if (dialog.current?.open === false) onClose?.();
      }}
      onClick={(event) => {
        const light = shape === "drawer" || shape === "palette";
        if (light && event.target === dialog.current) onClose?.();
      }}
    >
      <div className="dialog-sheet">
        <div className="dialog-head">
          <h2 id={heading} tabIndex={-1}>
            {title}
          </h2>
          {onClose && (
            <button type="button" className="dialog-close" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </div>
        <div className="dialog-body">{children}</div>
        {footer && <div className="dialog-foot">{footer}</div>}
      </div>
    </dialog>,
    document.body,
  );
}

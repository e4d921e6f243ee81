// One button. Primary is for the one thing that a state is about, danger only for what refuses or ends something.
import type { ComponentProps } from "react";
import "./button.css";

type Props = ComponentProps<"button"> & {
  tone?: "plain" | "primary" | "danger" | "quiet";
  small?: boolean;
  /** Work is under way: the button stays where it is and cannot be pressed again. */
  busy?: boolean;
};

export function Button({ tone = "plain", small, busy, disabled, className, ...rest }: Props) {
  const classes = ["button", `button-${tone}`, small && "button-small", className].filter(Boolean).join(" ");
  return (
    <button type="button" {...rest} className={classes} disabled={disabled || busy} aria-busy={busy || undefined} />
  );
}

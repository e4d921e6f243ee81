// Something the person should know: across the top of the window as a banner, or beside what it is about as a note.
import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import "./note.css";

export type NoteTone = "info" | "success" | "warning" | "danger";

type Props = {
  tone: NoteTone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  banner?: boolean;
  icon?: IconName;
};

const icons: Record<NoteTone, IconName> = { info: "info", success: "done", warning: "warning", danger: "warning" };

export function Note({ tone, title, children, action, banner, icon }: Props) {
  return (
    <div
      className={`note note-${tone}${banner ? " note-banner" : ""}`}
      role={tone === "danger" ? "alert" : tone === "warning" ? undefined : "status"}
    >
      <Icon name={icon ?? icons[tone]} />
      <div className="note-text">
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
      {action && <div className="note-action">{action}</div>}
    </div>
  );
}

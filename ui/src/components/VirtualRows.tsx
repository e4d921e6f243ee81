// A list of any length in which only what is seen exists. Rows have one height; the end asks for more.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import "./virtual-rows.css";

/** Brings a row into view and gives the focus to the first link or button in it. */
export type VirtualRowsHandle = { focus: (index: number) => void };

type Props = {
  count: number;
  rowHeight: number;
  row: (index: number) => ReactNode;
  keyOf: (index: number) => string;
  /** Called when the last row comes into view. */
  onEnd?: () => void;
  /** `list` and `listitem`, or `rowgroup` with rows that name their own role. */
  role: "list" | "rowgroup";
  label?: string;
  handle?: Ref<VirtualRowsHandle>;
};

export function VirtualRows({ count, rowHeight, row, keyOf, onEnd, role, label, handle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;

  useEffect(() => {
    if (count > 0 && last >= count - 1) onEnd?.();
  }, [last, count, onEnd]);
  useEffect(() => {
    if (rowHeight > 0) rows.measure();
  }, [rowHeight, rows]);
  useImperativeHandle(
    handle,
    () => ({
      focus: (index) => {
        rows.scrollToIndex(index, { align: "auto" });
        focusOnceThere(scroller.current, index);
      },
    }),
    [rows],
  );

  return (
    <div ref={scroller} className="virtual">
      <div role={role} aria-label={label} className="virtual-rows" style={{ height: rows.getTotalSize() }}>
        {shown.map((item) => (
          <div
            key={item.key}
            data-index={item.index}
            role={role === "list" ? "listitem" : "presentation"}
            aria-setsize={role === "list" ? count : undefined}
            aria-posinset={role === "list" ? item.index + 1 : undefined}
            className="virtual-row"
            style={{ height: item.size, transform: `translateY(${item.start}px)` }}
          >
            {row(item.index)}
          </div>
        ))}
      </div>
    </div>
  );
}

function focusOnceThere(scroller: HTMLElement | null, index: number, frames = 5): void {
  const target = scroller?.querySelector<HTMLElement>(`[data-index="${index}"] :is(a, button)`);
  if (target) target.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusOnceThere(scroller, index, frames - 1));
}

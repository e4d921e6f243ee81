// A short table. Where it is wider than its place it scrolls by itself, also by keyboard.
import type { ReactNode } from "react";
import "./table.css";

type Column<T> = { head: string; cell: (row: T) => ReactNode; narrow?: boolean; end?: boolean };
type Props<T> = { label: string; columns: Column<T>[]; rows: T[]; keyOf: (row: T) => string };

/** Columns with `narrow` take no more than they need; `end` aligns to the end. */
export function Table<T>({ label, columns, rows, keyOf }: Props<T>) {
  const classes = (column: Column<T>) =>
    [column.narrow && "table-narrow", column.end && "table-end"].filter(Boolean).join(" ") || undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div className="table-scroll" tabIndex={0}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={classes(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.head} className={classes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Line icons on a 16 px grid, drawn here so that no icon font or package is needed. Decoration only: never the label.
import "./icon.css";

const paths = {
  approvals: "M3 8.5 6.2 11.5 13 4.5M8.5 12.5h5",
  audit: "M3 3.5h10M3 6.5h10M3 9.5h6M3 12.5h4M11 11.5l1.2 1.2L14.5 10",
  accounts:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 3a2.5 2.5 0 0 1 0 4.5M12 9.8c1.6.4 2.5 1.7 2.5 3.7",
  policies: "M8 1.8 13.5 4v3.8c0 3.2-2.2 5.4-5.5 6.4-3.3-1-5.5-3.2-5.5-6.4V4ZM5.8 7.8l1.7 1.7 3-3.2",
  tasks: "M2.5 3.5h11v9h-11ZM5 6.5l2 1.7L5 10M8.5 10.2H11",
  roster: "M10.3 9.2a3.7 3.7 0 1 0-3.4-2.1L2 12v2h2.5v-1.5H6V11h1.5l1-1M11.2 4.8h.01",
  connections: "M6.5 9.5 9.5 6.5M7 4.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.5L4.5 7",
  search: "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM10.7 10.7 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8Z",
  done: "M3 8.5 6.5 12 13 4.5",
  warning: "M8 2.2 14.5 13.5h-13ZM8 6.5v3.2M8 11.7v.01",
  info: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 7.2v4M8 5v.01",
  back: "M9.5 3.5 5 8l4.5 4.5",
  key: "M5.5 10.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8.3 7.5H14v2.3M11.5 7.5v1.8",
  lock: "M3.5 7.5h9v6h-9ZM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  offline: "M2 6a8.5 8.5 0 0 1 5-2.3M14 6a8.5 8.5 0 0 0-3.5-2M4.5 9a5 5 0 0 1 2-1.2M8 12.5v.01M2 2l12 12",
  outside: "M9 2.5h4.5V7M13.5 2.5 7.5 8.5M6.5 3.5h-4v10h10v-4",
  clock: "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 4.5V8l2.3 1.5",
  quote: "M3 11V8.5C3 6 4.2 4.7 6.5 4.2M3 8.5h3V11H3ZM9.5 11V8.5c0-2.5 1.2-3.8 3.5-4.3M9.5 8.5h3V11h-3Z",
};

export type IconName = keyof typeof paths;

/** An icon in the colour of the text around it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

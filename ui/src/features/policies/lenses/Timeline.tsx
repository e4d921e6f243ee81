// Decisions over time with those that flip drawn over them. The same numbers stand in a table for whoever does not see
// the drawing.
import { counted, onDay } from "../../../lib/format";
import type { Tally } from "../../../lib/shell/shell";

const WIDTH = 600;
const HEIGHT = 72;

export function Timeline({ tallies }: { tallies: Tally[] }) {
  const first = tallies[0];
  const last = tallies.at(-1);
  if (!first || !last) return null;
  const most = Math.max(1, ...tallies.map(({ decisions }) => decisions));
  const mostFlips = Math.max(1, ...tallies.map(({ flips }) => flips));
  const step = WIDTH / tallies.length;
  const flips = tallies.reduce((sum, tally) => sum + tally.flips, 0);
  return (
    <figure className="timeline">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${counted(flips, "flip")} over time`}
      >
        {tallies.map((tally, at) => {
          const bar = (count: number, of: number, scale: number) => {
            const height = count === 0 ? 0 : Math.max(2, (count / of) * scale);
            return { x: at * step + 0.5, y: HEIGHT - height, width: Math.max(1, step - 1), height };
          };
          return (
            <g key={tally.from}>
              <title>{`${onDay(tally.from)}: ${counted(tally.decisions, "decision")}, ${counted(tally.flips, "flip")}`}</title>
              <rect className="bar-all" {...bar(tally.decisions, most, HEIGHT)} />
              <rect className="bar-flips" {...bar(tally.flips, mostFlips, HEIGHT * 0.6)} />
              <rect className="bar-widening" {...bar(tally.widening, mostFlips, HEIGHT * 0.6)} />
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>{onDay(first.from)}</span>
        <span className="legend">
          <i className="key-all" /> decisions <i className="key-flips" /> stricter <i className="key-widening" /> easier
          (flips have a scale of their own, up to {mostFlips.toLocaleString("en")})
        </span>
        <span>{onDay(last.from)}</span>
      </figcaption>
      <div className="visually-hidden">
        <table>
          <caption>Flips over time</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Decisions</th>
              <th scope="col">Flips</th>
              <th scope="col">Easier</th>
            </tr>
          </thead>
          <tbody>
            {tallies.map((tally) => (
              <tr key={tally.from}>
                <th scope="row">{onDay(tally.from)}</th>
                <td>{tally.decisions}</td>
                <td>{tally.flips}</td>
                <td>{tally.widening}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

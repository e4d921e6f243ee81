// What is wrong with a text, below it: each problem leads to its place.
import { visible } from "../../../lib/format";
import type { PolicyProblem } from "../../../lib/shell/shell";

type Props = { problems: PolicyProblem[]; onGo: (problem: PolicyProblem) => void };

export function Problems({ problems, onGo }: Props) {
  if (problems.length === 0) return null;
  return (
    <ul className="problems" aria-label="Problems">
      {problems.map((problem) => (
        <li key={`${problem.file} ${problem.line} ${problem.column} ${problem.message}`}>
          <button type="button" onClick={() => onGo(problem)}>
            <span className="problem-place">
              {problem.line}:{problem.column}
            </span>
            <span>
              {visible(problem.message)}
              {problem.help && <span className="muted"> {visible(problem.help)}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

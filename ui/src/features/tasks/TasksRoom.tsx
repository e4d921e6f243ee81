// What ran, under which ticket, and how it ended. Newest first.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Empty, Failed, Loading } from "../../components/Blank";
import { Button } from "../../components/Button";
import { Room } from "../../components/Room";
import { Table } from "../../components/Table";
import { Tag, type TagTone } from "../../components/Tag";
import { Ago } from "../../components/Time";
import { environmentTone, lasting, secondsBetween } from "../../lib/format";
import { paths } from "../../lib/paths";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Page, Task, TaskState } from "../../lib/shell/shell";
import "./tasks.css";

export function TasksRoom() {
  const shell = useShell();
  const tasks = useInfiniteQuery({
    queryKey: keys.tasks,
    queryFn: ({ pageParam }) => shell.tasks(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<Task>) => page.next,
  });
  const rows = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Room title="Tasks" lead="What ran under which grant. A task never stands for an approval.">
      {tasks.isPending && <Loading what="tasks" />}
      {tasks.error && !tasks.data && (
        <Failed title="The tasks cannot be read." problem={tasks.error} onRetry={() => tasks.refetch()} />
      )}
      {tasks.data && rows.length === 0 && (
        <Empty icon="tasks" title="Nothing ran yet">
          A task appears here when a runner starts what it was allowed or approved to run.
        </Empty>
      )}
      {rows.length > 0 && <TaskTable tasks={rows} />}
      {tasks.hasNextPage && (
        <p className="tasks-more">
          <Button busy={tasks.isFetchingNextPage} onClick={() => tasks.fetchNextPage()}>
            Show older tasks
          </Button>
        </p>
      )}
    </Room>
  );
}

const tones: Record<TaskState, TagTone> = {
  running: "calm",
  succeeded: "success",
  failed: "danger",
  unknown: "warning",
};

function TaskTable({ tasks }: { tasks: Task[] }) {
  return (
    <Table
      label="Tasks"
      rows={tasks}
      keyOf={(task) => task.id}
      columns={[
        { head: "State", cell: (task) => <Tag tone={tones[task.state]}>{task.state}</Tag>, narrow: true },
        {
          head: "Action",
          cell: (task) => (
            <span className="chips" title={task.id}>
              <Tag tone={environmentTone(task.env)}>{task.env}</Tag> {task.action}
            </span>
          ),
        },
        { head: "Who runs it", cell: (task) => <code>{task.principal}</code> },
        { head: "Started", cell: (task) => <Ago at={task.started_at} />, narrow: true },
        { head: "Took", cell: took, narrow: true },
        { head: "Ended with", cell: ended, narrow: true },
        {
          head: "More",
          cell: (task) => (
            <span className="tasks-links">
              {task.ticket && <a href={paths.approvals({ view: "closed", ticket: task.ticket })}>Ticket</a>}
              <a href={paths.audit({ about: task.id })}>Entries</a>
            </span>
          ),
          narrow: true,
        },
      ]}
    />
  );
}

function took({ started_at, finished_at }: Task) {
  return finished_at ? lasting(secondsBetween(started_at, finished_at)) : "–";
}

function ended({ exit_code, signal }: Task) {
  if (signal !== null) return `signal ${signal}`;
  return exit_code === null ? "–" : `exit code ${exit_code}`;
}

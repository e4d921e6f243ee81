// The only place that composes features: which address shows which room, and what stands around the rooms.
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
  redirect,
  useLocation,
} from "@tanstack/react-router";
import { useState } from "react";
import { Failed, Loading } from "./components/Blank";
import { later } from "./components/later";
import { AccountPage } from "./features/accounts/AccountPage";
import { AccountsRoom } from "./features/accounts/AccountsRoom";
import { ApprovalsRoom } from "./features/approvals/ApprovalsRoom";
import { useMineCount } from "./features/approvals/queries";
import { AuditRoom } from "./features/audit/AuditRoom";
import { BrokenLedger } from "./features/audit/IntegrityBadge";
import { ConnectionsRoom } from "./features/connections/ConnectionsRoom";
import { FoundTheRoster } from "./features/roster/FoundTheRoster";
import { RosterRoom } from "./features/roster/RosterRoom";
import { TasksRoom } from "./features/tasks/TasksRoom";
import { FirstSteps } from "./features/welcome/FirstSteps";
import { SignInPage } from "./features/welcome/SignInPage";
import { WelcomePage } from "./features/welcome/WelcomePage";
import { House } from "./House";
import { type ApprovalsPlace, type AuditPlace, paths } from "./lib/paths";
import { useAppState } from "./lib/shell/app-state";
import type { InboxView } from "./lib/shell/shell";

// The policies room carries an editor, which is most of the program.
const PoliciesRoom = later("policies", async () => (await import("./features/policies/PoliciesRoom")).PoliciesRoom);
const DraftPage = later("the draft", async () => (await import("./features/policies/draft/DraftPage")).DraftPage);
const VersionPage = later(
  "the version",
  async () => (await import("./features/policies/versions/VersionPage")).VersionPage,
);
const GrantReplay = later(
  "the replay",
  async () => (await import("./features/policies/lenses/GrantReplay")).GrantReplay,
);
const ToPublish = later("the policies", async () => (await import("./features/policies/publish/ToPublish")).ToPublish);

/** The page that the console's stage asks for. */
export function Stages() {
  const state = useAppState();
  const [router] = useState(newRouter);
  if (state.isPending) return <Loading what="the console" />;
  if (!state.data) {
    return <Failed title="The console cannot start." problem={state.error} onRetry={() => state.refetch()} />;
  }
  switch (state.data.stage) {
    case "welcome":
      return <WelcomePage />;
    case "signed_out":
    case "signing_in":
      return <SignInPage state={state.data} />;
    case "signed_in":
      return <RouterProvider router={router} />;
  }
}

const root = createRootRoute({
  component: function Rooms() {
    const { data: state } = useAppState();
    const { pathname } = useLocation();
    const mine = useMineCount();
    if (!state) return null;
    const banners = (
      <>
        <BrokenLedger href={paths.audit()} />
        {pathname !== "/roster" && <FoundTheRoster />}
      </>
    );
    return (
      <House state={state} path={pathname} mine={mine} banners={banners}>
        <Outlet />
      </House>
    );
  },
});

const MINE = { to: "/approvals/$view", params: { view: "mine" } } as const;

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect(MINE);
  },
});

const filters = ({ env, text }: Record<string, unknown>): { env?: string; text?: string } => ({
  ...(typeof env === "string" && { env }),
  ...(typeof text === "string" && { text }),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: "/approvals/$view",
  validateSearch: filters,
  beforeLoad: ({ params: { view } }) => {
    // `#/approvals/tkt_…`, which is what a deep link names.
    if (view.startsWith("tkt_")) {
      throw redirect({ to: "/approvals/$view/$ticket", params: { view: "pending", ticket: view } });
    }
    if (!isView(view)) throw redirect(MINE);
  },
  component: function Inbox() {
    const { view } = inbox.useParams();
    return <Approvals place={{ ...inbox.useSearch(), view: isView(view) ? view : "mine" }} />;
  },
});

const ticket = createRoute({
  getParentRoute: () => root,
  path: "/approvals/$view/$ticket",
  validateSearch: filters,
  component: function Ticket() {
    const { view, ticket: id } = ticket.useParams();
    return <Approvals place={{ ...ticket.useSearch(), view: isView(view) ? view : "pending", ticket: id }} />;
  },
});

function Approvals({ place }: { place: ApprovalsPlace }) {
  const navigate = root.useNavigate();
  const goTo = ({ view, ticket: id, env, text }: ApprovalsPlace, replace = false) => {
    const search = filters({ env, text });
    if (id) void navigate({ to: "/approvals/$view/$ticket", params: { view, ticket: id }, search, replace });
    else void navigate({ to: "/approvals/$view", params: { view }, search, replace });
  };
  return <ApprovalsRoom place={place} onPlace={goTo} guidance={<FirstSteps />} ToPublish={ToPublish} />;
}

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: ({ kind, about, text }: Record<string, unknown>): AuditPlace => ({
    ...(typeof kind === "string" && { kind }),
    ...(typeof about === "string" && { about }),
    ...(typeof text === "string" && { text }),
  }),
  component: function Audit() {
    const navigate = root.useNavigate();
    const goTo = (search: AuditPlace) => void navigate({ to: "/audit", search: given(search), replace: true });
    return <AuditRoom place={audit.useSearch()} onPlace={goTo} />;
  },
});

const accounts = createRoute({ getParentRoute: () => root, path: "/accounts", component: AccountsRoom });
const account = createRoute({
  getParentRoute: () => root,
  path: "/accounts/$account",
  component: function Account() {
    return <AccountPage name={account.useParams().account} Replayer={GrantReplay} />;
  },
});
const tasks = createRoute({ getParentRoute: () => root, path: "/tasks", component: TasksRoom });
const roster = createRoute({ getParentRoute: () => root, path: "/roster", component: RosterRoom });
const connections = createRoute({ getParentRoute: () => root, path: "/connections", component: ConnectionsRoom });
const policies = createRoute({
  getParentRoute: () => root,
  path: "/policies",
  component: () => <PoliciesRoom chosen={null} />,
});
const policy = createRoute({
  getParentRoute: () => root,
  path: "/policies/$policy",
  component: function Policy() {
    return <PoliciesRoom chosen={policy.useParams().policy} />;
  },
});

const draft = createRoute({
  getParentRoute: () => root,
  path: "/policies/drafts/$draft",
  component: function Draft() {
    return <DraftPage id={draft.useParams().draft} />;
  },
});
const version = createRoute({
  getParentRoute: () => root,
  path: "/policies/versions/$version",
  validateSearch: ({ against }: Record<string, unknown>): { against?: string } => ({
    ...(typeof against === "string" && { against }),
  }),
  component: function Version() {
    const navigate = root.useNavigate();
    const { version: number } = version.useParams();
    const { against } = version.useSearch();
    const goTo = (other: number) =>
      void navigate({
        to: "/policies/versions/$version",
        params: { version: number },
        search: { against: String(other) },
        replace: true,
      });
    return <VersionPage version={numberIn(number) ?? 0} against={numberIn(against)} onAgainst={goTo} />;
  },
});

/** Addresses live behind `#`: a webview has no server that would know them. */
export function newRouter() {
  return createRouter({
    routeTree: root.addChildren([
      index,
      inbox,
      ticket,
      audit,
      accounts,
      account,
      tasks,
      roster,
      connections,
      policies,
      policy,
      draft,
      version,
    ]),
    history: createHashHistory(),
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const query = new URLSearchParams(given(search) as Record<string, string>).toString();
      return query && `?${query}`;
    },
    defaultNotFoundComponent: () => <p className="muted">There is nothing here.</p>,
  });
}

const isView = (text: string): text is InboxView => ["mine", "pending", "closed", "after_review"].includes(text);

const numberIn = (text: string | undefined): number | null => (text && /^\d{1,9}$/.test(text) ? Number(text) : null);

const given = <T extends object>(search: T): T =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== "")) as T;

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}

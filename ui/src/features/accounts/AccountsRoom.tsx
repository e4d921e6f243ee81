// Who can act here: service accounts with their tokens, and people.
import { Room } from "../../components/Room";
import { Tabs } from "../../components/Tabs";
import { People } from "./People";
import { ServiceAccounts } from "./ServiceAccounts";
import "./accounts.css";

export function AccountsRoom() {
  return (
    <Room
      title="Accounts"
      lead="Service accounts ask and run; people approve. A secret is shown once, when it is made."
    >
      <Tabs
        label="Kinds of account"
        tabs={[
          { id: "services", label: "Service accounts", content: <ServiceAccounts /> },
          { id: "people", label: "People", content: <People /> },
        ]}
      />
    </Room>
  );
}

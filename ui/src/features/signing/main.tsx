// The signing window's own program. It shares components with the rooms and no code about tickets.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { signingShell } from "#shell";
import "../../styles/tokens.css";
import "../../styles/base.css";
import { SigningWindow } from "./SigningWindow";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SigningWindow shell={signingShell} />
    </StrictMode>,
  );
}

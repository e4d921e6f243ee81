// The console's own program: the host is chosen by the build and handed in here, nowhere else.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { shell } from "#shell";
import "./styles/tokens.css";
import "./styles/base.css";
import { Providers } from "./Providers";
import { Stages } from "./routes";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers shell={shell}>
        <Stages />
      </Providers>
    </StrictMode>,
  );
}

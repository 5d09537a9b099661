import { createClient } from "@convo/client";
import { ConvoProvider } from "@convo/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./Chat";
import "./page.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no element with the id `root`.");

const client = createClient({ url: `${location.origin}/chat` });

createRoot(root).render(
  <StrictMode>
    <ConvoProvider client={client}>
      <Chat />
    </ConvoProvider>
  </StrictMode>,
);

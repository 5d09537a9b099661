import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";

import { createClient } from "@convo/client";
import { ConvoProvider } from "@convo/react";
import { Suspense } from "react";
import { createRoot } from "react-dom/client";
import { config } from "./config";
import { App } from "./features/app/App";
import { ErrorBoundary } from "./features/app/ErrorBoundary";
import { shareOf, threadOf } from "./features/app/route";
import { Outdated } from "./features/connection/Outdated";
import { KeysGate } from "./features/keys/KeysGate";
import { readKeys } from "./features/keys/keys";
import { SignInGate } from "./features/login/SignInGate";
import { followLooks } from "./features/theme/preview";
import { watchTheme } from "./features/theme/theme";
import { loadLanguage } from "./language/languages";
import { said } from "./said";
import { later } from "./ui/later";

const place = document.getElementById("root");
if (!place) throw new Error("The page has no element `root`; it is not the one this app was built for.");

const SharedPage = later(() => import("./features/share/SharedPage").then((module) => module.SharedPage));

watchTheme();
const share = shareOf(location.pathname);
const thread = threadOf(location.pathname);
const client = createClient({
  url: `${location.origin}${config.root}`,
  language: config.language,
  say: said,
  ...(share === undefined ? { userEnv: readKeys(), ...(thread !== undefined && { thread }) } : { share }),
});
followLooks(client);
// What is said comes through the socket, which takes longer to open than this to load.
import("./features/thread/Transcript").catch(() => undefined); // whoever shows it asks again
const root = createRoot(place);
const page = (
  <ErrorBoundary>
    <SignInGate client={client}>
      {share === undefined ? (
        <KeysGate client={client}>
          <ConvoProvider client={client}>
            <App client={client} />
          </ConvoProvider>
        </KeysGate>
      ) : (
        <ConvoProvider client={client}>
          <Suspense fallback={<Outdated />}>
            <SharedPage />
          </Suspense>
        </ConvoProvider>
      )}
    </SignInGate>
  </ErrorBoundary>
);
void loadLanguage().then(() => root.render(page));

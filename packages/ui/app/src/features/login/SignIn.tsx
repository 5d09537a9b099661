import { type AuthInfo, type ConvoClient, RequestError } from "@convo/client";
import { type FormEvent, type JSX, useEffect, useId, useRef, useState } from "react";
import { config } from "../../config";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { LanguageButton } from "../language/LanguageButton";
import { Sign } from "../theme/Sign";
import { comeBackTo, forgetProblem, isLoginPath, problemIn, providerAddress } from "./address";
import "../settings/settings.css";
import "./login.css";
import { surface } from "../../ui/surface";

interface SignInProps {
  readonly client: ConvoClient;
  readonly account: AuthInfo;
  /** The session ended while the page was open. */
  readonly wasSignedIn: boolean;
}

/** The way in: a button for each provider, and a form where there are passwords. Comes back to the page it stands on. */
export function SignIn({ client, account, wasSignedIn }: SignInProps): JSX.Element {
  const [problem] = useState(() => problemIn(location));
  const { providers = [], password = false } = account;
  useEffect(forgetProblem, []); // not while it is drawn: React may draw it anew before it stands
  useEffect(() => {
    document.title = strings.signIn.title({ app: config.name });
  }, []);
  const hasProviders = providers.length > 0;
  return (
    <main className={config.loginImage ? "sign-in has-image" : "sign-in"}>
      {config.loginImage && <img className="sign-in-image" src={config.loginImage} alt="" />}
      <div className="sign-in-card">
        <span className="mark sign-in-mark">
          <Sign />
        </span>
        <h1>{strings.signIn.title({ app: config.name })}</h1>
        {problem !== undefined && <Problem text={worded(problem)} />}
        {problem === undefined && wasSignedIn && <p className="sign-in-hint">{strings.signIn.signedOut}</p>}
        {!hasProviders && !password && <p className="sign-in-hint">{strings.signIn.closed}</p>}
        {providers.map(({ id, name, url }) => (
          <a key={id} className="button sign-in-provider" href={providerAddress(url, location)}>
            <Glyph shape="key" small />
            {strings.signIn.with({ provider: name })}
          </a>
        ))}
        {hasProviders && password && <p className="sign-in-or">{strings.signIn.or}</p>}
        {password && <PasswordForm client={client} />}
      </div>
      <div className="sign-in-language">
        <LanguageButton />
      </div>
    </main>
  );
}

function worded(code: string): string {
  return (strings.signIn.problems as Record<string, string>)[code] ?? strings.signIn.problems.other;
}

function Problem({ text }: { text: string }): JSX.Element {
  return (
    <p className="sign-in-problem" role="alert">
      <Glyph shape="warning" small />
      {text}
    </p>
  );
}

function PasswordForm({ client }: { client: ConvoClient }): JSX.Element {
  const id = useId();
  const [isBusy, setIsBusy] = useState(false);
  const [isShown, setIsShown] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [wait, setWait] = useState(0);
  const password = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy || wait > 0) return;
    const form = new FormData(event.currentTarget);
    setIsBusy(true);
    setProblem(undefined);
    try {
      await client.api("POST", "auth/login", {
        body: { username: form.get("username"), password: form.get("password") },
      });
      if (isLoginPath(surface.path)) location.replace(comeBackTo(location));
      else surface.reload(); // the same address, as somebody who may see it
    } catch (error) {
      const failure = error instanceof RequestError ? error.failure : undefined;
      setIsBusy(false);
      setWait(Math.ceil(failure?.retryAfter ?? 0));
      setProblem(failure ? said(failure) : strings.signIn.problems.other);
      password.current?.select();
    }
  };

  return (
    <form className="settings sign-in-form" onSubmit={(event) => void submit(event)}>
      {wait > 0 ? (
        <Problem text={strings.signIn.wait({ seconds: wait })} />
      ) : (
        problem !== undefined && <Problem text={problem} />
      )}
      <div className="field">
        <label htmlFor={`${id}-name`}>{strings.signIn.name}</label>
        <input
          id={`${id}-name`}
          className="input"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          // biome-ignore lint/a11y/noAutofocus: the form is all there is on the page
          autoFocus
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-password`}>{strings.signIn.password}</label>
        <div className="sign-in-secret">
          <input
            ref={password}
            id={`${id}-password`}
            className="input"
            name="password"
            type={isShown ? "text" : "password"}
            autoComplete="current-password"
            spellCheck={false}
            required
          />
          <button
            type="button"
            className="icon-button small"
            aria-pressed={isShown}
            aria-label={isShown ? strings.signIn.hide : strings.signIn.show}
            title={isShown ? strings.signIn.hide : strings.signIn.show}
            onClick={() => setIsShown(!isShown)}
          >
            <Glyph shape="eye" />
          </button>
        </div>
      </div>
      <button type="submit" className="button main sign-in-go" disabled={isBusy || wait > 0} aria-busy={isBusy}>
        {isBusy ? strings.signIn.busy : strings.signIn.submit}
      </button>
    </form>
  );
}

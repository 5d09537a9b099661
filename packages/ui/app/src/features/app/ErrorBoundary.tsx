import { Component, type ReactNode } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";

interface ErrorBoundaryState {
  readonly error?: Error;
}

/** The last resort: says what happened and how to go on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = {};

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <main className="crash" role="alert">
        <h1>{strings.crash.title}</h1>
        <p>{strings.crash.text}</p>
        <button type="button" className="button main" onClick={() => surface.reload()}>
          {strings.crash.reload}
        </button>
        <details>
          <summary>{strings.crash.details}</summary>
          <pre>{error.stack ?? error.message}</pre>
        </details>
      </main>
    );
  }
}

import { type ConvoClient, type StepView, type Trace, traceOf } from "@convo/client";
import { useMemo, useSyncExternalStore } from "react";
import { useClient } from "./provider";

/** From how many steps on a trace is large, and how often that is read again, in milliseconds. */
const LARGE = 500;
const PAUSE = 250;

/**
 * A run's steps as a tree, live: soon after a change, and of a large one a few times a second. `undefined` while
 * nothing of the run is known.
 */
export function useTrace(runId: string | undefined): Trace | undefined {
  const client = useClient();
  const live = useMemo(() => new LiveTrace(client, runId), [client, runId]);
  return useSyncExternalStore(live.subscribe, live.read, live.read);
}

/** The trace of a run that goes on, as an external store: read again only after something of it changed. */
class LiveTrace {
  readonly #client: ConvoClient;
  readonly #runId: string | undefined;
  #steps: readonly StepView[] = [];
  #run: ReturnType<ConvoClient["run"]>;
  #trace: Trace | undefined;
  #isStale = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ConvoClient, runId: string | undefined) {
    this.#client = client;
    this.#runId = runId;
  }

  subscribe = (listener: () => void): (() => void) => {
    const changed = (): void => {
      this.#timer ??= setTimeout(
        () => {
          this.#timer = undefined;
          this.#isStale = true;
          listener();
        },
        this.#steps.length < LARGE ? 0 : PAUSE,
      );
    };
    const ends = [
      this.#client.subscribe("steps", changed),
      this.#client.subscribe("structure", changed),
      this.#client.subscribe(`run:${this.#runId ?? ""}`, changed),
    ];
    this.#isStale = true;
    return () => {
      for (const end of ends) end();
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  };

  read = (): Trace | undefined => {
    if (!this.#isStale || this.#runId === undefined) return this.#trace;
    this.#isStale = false;
    const steps = this.#client.stepsOf(this.#runId);
    const run = this.#client.run(this.#runId);
    const isSame = steps.length === this.#steps.length && steps.every((step, at) => step === this.#steps[at]);
    if (isSame && run === this.#run && this.#trace !== undefined) return this.#trace;
    this.#steps = steps;
    this.#run = run;
    this.#trace = run === undefined && steps.length === 0 ? undefined : traceOf(steps, run);
    return this.#trace;
  };
}

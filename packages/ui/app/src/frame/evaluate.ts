import type { Compiled, Component } from "../features/custom/messages";
import type { Port } from "./port";

/** What stands in the way of a component, and where. */
export class SourceError extends Error {
  readonly stage: "compile" | "import" | "run";
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(stage: "compile" | "import" | "run", text: string, line?: number, column?: number) {
    super(text);
    this.stage = stage;
    this.line = line;
    this.column = column;
  }
}

/** Compiles a component's source, with the rules of the classes in it. */
export async function compile(port: Port, { source, file, hash }: Component): Promise<Compiled> {
  const classes = /\bclass(Name)?\b|\bcn\(/.test(source) ? classesIn(source) : [];
  await Promise.all([port.need("compiler"), classes.length > 0 ? port.need("styles") : undefined]);
  let code: string | undefined;
  try {
    code = port.parts.compiler?.compile(source, file);
  } catch (error) {
    const { message, loc } = error as Error & { readonly loc?: { readonly line: number; readonly column: number } };
    const text = message.replace(`Error transforming ${file}: `, "").replace(/ \(\d+:\d+\)$/, "");
    throw new SourceError("compile", text, loc?.line, loc?.column);
  }
  const css = classes.length > 0 ? await port.parts.styles?.generate(classes) : "";
  return { hash, code: code ?? "", css: css ?? "", classes };
}

/** The words of a text that may be utility classes. */
export function classesIn(text: string): string[] {
  return [...new Set(text.split(/[\s'"`;{}<>=]+/))].filter((word) =>
    /^[!@a-z-][^\s]*[a-z0-9\])%]$|^[a-z]$/i.test(word),
  );
}

/** The modules a compiled component asks for. */
export function importsOf(code: string): string[] {
  return [...new Set([...code.matchAll(/\brequire\((['"])([^'"\n]+)\1\)/g)].map(([, , name = ""]) => name))];
}

export type Require = (name: string) => unknown;

type Run = (require: Require, exports: Record<string, unknown>, module: { exports: unknown }) => void;

declare global {
  interface Window {
    convoDefine?: (run: Run) => void;
  }
}

/** Runs compiled code as a module and returns what it exports. Throws what it throws. */
export function evaluate(port: Port, code: string, file: string, require: Require): Record<string, unknown> {
  let run: Run | undefined;
  let wrong: SourceError | undefined;
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    wrong = new SourceError("compile", event.message.replace(/^Uncaught /, ""), event.lineno, event.colno);
  };
  window.convoDefine = (defined) => {
    run = defined;
  };
  addEventListener("error", onError);
  port.run(`convoDefine(function (require, exports, module) {${code}\n})\n//# sourceURL=${encodeURI(file)}`);
  removeEventListener("error", onError);
  delete window.convoDefine;
  if (run === undefined) throw wrong ?? new SourceError("compile", "The file could not be run.");
  const module: { exports: unknown } = { exports: {} };
  run(require, module.exports as Record<string, unknown>, module);
  return module.exports as Record<string, unknown>;
}

/** The line of a text where a module is imported. */
export function lineOf(source: string, name: string): number | undefined {
  const index = source.split("\n").findIndex((line) => line.includes(`"${name}"`) || line.includes(`'${name}'`));
  return index < 0 ? undefined : index + 1;
}

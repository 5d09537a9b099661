import type { ArgumentType, PageFunction } from "./contract";

/** What came of a call, as the app hears it. */
export type Outcome = { readonly value: unknown } | { readonly error: string };

/** Runs what the app calls, if the page has registered it and the arguments are what it takes. Never rejects. */
export async function call(
  functions: Readonly<Record<string, PageFunction>>,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const one = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (one === undefined) return { error: `This page has no function \`${name}\`.` };
  try {
    const value = await one.run(checked(one, name, args) as never);
    const text = JSON.stringify(value ?? null);
    return text === undefined ? { error: `What \`${name}\` returned is no JSON.` } : { value: JSON.parse(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function checked(one: PageFunction, name: string, args: Readonly<Record<string, unknown>>): unknown {
  const { args: wanted = {} } = one;
  if (typeof wanted.parse === "function") return wanted.parse(args);
  const types = wanted as Readonly<Record<string, ArgumentType>>;
  for (const given of Object.keys(args)) {
    if (!Object.hasOwn(types, given)) throw new TypeError(`\`${name}\` takes no \`${given}\`.`);
  }
  for (const [argument, type] of Object.entries(types)) {
    const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
    if (value === undefined && type.endsWith("?")) continue;
    if (!isA(type.replace("?", ""), value))
      throw new TypeError(`\`${argument}\` of \`${name}\` is no ${type.replace("?", "")}.`);
  }
  return args;
}

function isA(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

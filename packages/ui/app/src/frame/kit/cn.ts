type ClassValue =
  | string
  | number
  | false
  | null
  | undefined
  | readonly ClassValue[]
  | Readonly<Record<string, unknown>>;

/** Class names in one string; what is false is left out, and of an object what is true is taken. */
export function cn(...values: readonly ClassValue[]): string {
  return values
    .flatMap((value): string[] => {
      if (!value) return [];
      if (Array.isArray(value)) return [cn(...(value as readonly ClassValue[]))];
      if (typeof value === "object")
        return Object.keys(value).filter((name) => (value as Record<string, unknown>)[name]);
      return [String(value)];
    })
    .filter((name) => name !== "")
    .join(" ");
}

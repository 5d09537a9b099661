import { config } from "../config";

/** How dates and numbers are written: in the app's language, as it is written where the browser says its reader is. */
export function locale(): string {
  return regional(config.language, globalThis.navigator?.languages ?? []);
}

export function regional(language: string, wanted: readonly string[]): string {
  return wanted.find((tag) => tag.toLowerCase().startsWith(`${language.toLowerCase()}-`)) ?? language;
}

/** Something made for the locale once it is needed, and anew for another: a widget gets its language after its modules. */
export function localised<T>(make: (locale: string) => T): () => T {
  let made: { readonly locale: string; readonly value: T } | undefined;
  return () => {
    const wanted = locale();
    if (made?.locale !== wanted) made = { locale: wanted, value: make(wanted) };
    return made.value;
  };
}

const numbers = localised(() => new Map<string, Intl.NumberFormat>());
const plurals = localised((locale) => new Intl.PluralRules(locale));

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = JSON.stringify(options);
  let format = numbers().get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale(), options);
    numbers().set(key, format);
  }
  return format.format(value);
}

/** The plural category of a count, as `one` or `other`. */
export function pluralOf(count: number): string {
  return plurals().select(count);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** As `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  const maximumFractionDigits = value < 10 && power > 0 ? 1 : 0;
  return formatNumber(value, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: power === 0 ? "narrow" : "short",
    maximumFractionDigits,
  });
}

export function formatPercent(share: number): string {
  return formatNumber(share, { style: "percent" });
}

export function formatDollars(amount: number): string {
  return formatNumber(amount, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumSignificantDigits: amount < 1 ? 2 : 6,
  });
}

/** As `May 2026`. */
export function formatMonth(day: Date): string {
  return new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric" }).format(day);
}

/** As `2 May 2026`. */
export function formatDay(day: Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(day);
}

/** As `a, b, c`, without a last `and`: what is listed are alternatives as well as sums. */
export function formatList(items: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: "unit", style: "short" }).format(items);
}

/** See `lucide.ts` beside `vite.config.ts`. */
declare module "virtual:lucide" {
  export type Sign = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
  export const letters: Readonly<Record<string, () => Promise<{ readonly signs: Readonly<Record<string, Sign>> }>>>;
}

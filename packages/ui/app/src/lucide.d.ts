/** See `lucide.ts` beside `vite.config.ts`. */
declare module "virtual:lucide" {
  export type Sign = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
  export type Letter = { readonly signs: Readonly<Record<string, Sign>> };
  export const letters: Readonly<Record<string, () => Promise<Letter>>>;
}

/** Words in one language: groups of texts, or some of them. */
export interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

/** What the app shows in the panel. */
export interface Sidebar {
  /** Another one whenever it is opened anew. */
  readonly id: string;
  readonly title: string;
  readonly elements: readonly string[];
}

/** The panel as the state has it; nothing while the app keeps it closed. */
export function sidebarOf(field: Readonly<Record<string, unknown>> | null | undefined): Sidebar | undefined {
  if (!field || typeof field.id !== "string") return undefined;
  return {
    id: field.id,
    title: typeof field.title === "string" ? field.title : "",
    elements: Array.isArray(field.elements) ? field.elements.filter((id) => typeof id === "string") : [],
  };
}

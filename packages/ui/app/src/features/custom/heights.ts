import { surface } from "../../ui/surface";

const KEY = "convo:heights";
const MOST = 200;

let heights: Map<string, number> | undefined;

/** The last height of an element in this tab, so that the conversation does not jump when it is shown again. */
export function heightOf(elementId: string): number | undefined {
  return all().get(elementId);
}

export function keepHeight(elementId: string, height: number): void {
  const known = all();
  known.delete(elementId);
  known.set(elementId, height);
  for (const id of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(id);
  }
  try {
    surface.session.setItem(KEY, JSON.stringify([...known]));
  } catch {
    // a browser that keeps nothing: it jumps
  }
}

function all(): Map<string, number> {
  heights ??= recall();
  return heights;
}

function recall(): Map<string, number> {
  try {
    const entries: unknown = JSON.parse(surface.session.getItem(KEY) ?? "[]");
    if (!Array.isArray(entries)) return new Map();
    return new Map(
      entries.filter(
        (entry): entry is [string, number] =>
          Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number",
      ),
    );
  } catch {
    return new Map();
  }
}

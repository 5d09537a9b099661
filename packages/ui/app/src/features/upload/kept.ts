import type { FileInfo } from "@convo/react";
import { config } from "../../config";
import { surface } from "../../ui/surface";

const keyOf = (thread: string) => `convo:files:${config.root}:${thread}`;

/** What was chosen for a thread in this tab and not sent: the server has it, so that a reload need not lose it. */
export function readFiles(thread: string): readonly FileInfo[] {
  try {
    const parsed: unknown = JSON.parse(surface.session.getItem(keyOf(thread)) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter(isFile) : [];
  } catch {
    return [];
  }
}

export function saveFiles(thread: string, files: readonly FileInfo[]): void {
  try {
    if (files.length === 0) surface.session.removeItem(keyOf(thread));
    else surface.session.setItem(keyOf(thread), JSON.stringify(files));
  } catch {
    // A full or forbidden store costs the files after a reload, not their sending.
  }
}

function isFile(value: unknown): value is FileInfo {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, mime, url } = value as Partial<FileInfo>;
  return [id, name, mime, url].every((fact) => typeof fact === "string");
}

import { surface } from "../../ui/surface";

interface Dropped {
  readonly files: readonly File[];
  /** Names of folders, which cannot be sent. */
  readonly folders: readonly string[];
}

export function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") === true;
}

/** What a user let go of. A folder pretends to be a file that cannot be read. */
export function dropped(data: DataTransfer | null): Dropped {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of data?.items ?? []) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file) files.push(file);
  }
  return { files, folders };
}

/** Files that are dropped where nothing takes them must not be opened in the place of the page. Returns how to end that. */
export function refuseDrops(): () => void {
  const refuse = (event: DragEvent): void => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
  };
  surface.ear.addEventListener("dragover", refuse);
  surface.ear.addEventListener("drop", refuse);
  return () => {
    surface.ear.removeEventListener("dragover", refuse);
    surface.ear.removeEventListener("drop", refuse);
  };
}

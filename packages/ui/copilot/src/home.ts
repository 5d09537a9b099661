/** Where the script came from: there is the app, unless a page says otherwise. */
export let home: string | undefined;

export function setHome(url: string): void {
  home = url;
}

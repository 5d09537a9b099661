/** Calls `report` with the height that `root` needs, whenever that changes. */
export function watchHeight(root: HTMLElement, report: (height: number) => void): () => void {
  let last = -1;
  let isDue = false;
  const measure = (): void => {
    isDue = false;
    // What is laid over the content, as a list that is open, counts: nothing of a frame shows outside of it.
    const height = Math.max(root.scrollHeight, Math.ceil(root.getBoundingClientRect().height));
    if (height === last) return;
    last = height;
    report(height);
  };
  // Not by animation frames: a browser has none for a frame that cannot be seen yet.
  const soon = (): void => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(measure);
  };
  const resizes = new ResizeObserver(soon);
  resizes.observe(root);
  const changes = new MutationObserver(soon);
  changes.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  const late = ["load", "toggle", "transitionend", "animationend"];
  for (const name of late) root.addEventListener(name, soon, true);
  void document.fonts.ready.then(soon);
  measure();
  return () => {
    resizes.disconnect();
    changes.disconnect();
    for (const name of late) root.removeEventListener(name, soon, true);
  };
}

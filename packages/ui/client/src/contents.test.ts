import { expect, test, vi } from "vitest";
import { Contents } from "./contents";
import { RequestError, UNREACHABLE } from "./http";

test("what the server keeps is loaded once, with a token, and what lies elsewhere is left there", async () => {
  const content = vi.fn(async (address: string) => {
    if (address.endsWith("gone")) throw new RequestError(UNREACHABLE);
    return new Blob([address]);
  });
  let changes = 0;
  const contents = new Contents({ content, isOwn: (address) => address.startsWith("https://app/") }, () => {
    changes += 1;
  });

  expect(contents.address("https://other/a.png")).toBe("https://other/a.png");
  expect(contents.address("https://app/a")).toBeUndefined();
  expect(contents.address("https://app/gone")).toBeUndefined();
  await vi.waitFor(() => expect(changes).toBe(2));
  const address = contents.address("https://app/a") ?? "";
  expect(await (await fetch(address)).text()).toBe("https://app/a");
  expect(contents.address("https://app/gone"), "whoever shows it says that it is gone").toBe("https://app/gone");
  expect(content).toHaveBeenCalledTimes(2);

  contents.forget();
  await expect(fetch(address)).rejects.toThrow();
});

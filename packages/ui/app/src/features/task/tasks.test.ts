import { expect, test } from "vitest";
import { tasksOf } from "./tasks";

test("a list says how far it is", () => {
  const tasks = [
    { title: "a", status: "done", forId: "m1" },
    { title: "b", status: "running", forId: null },
    { title: "c", status: "failed" },
  ];
  const info = tasksOf({ id: "t", type: "tasklist", name: "tasklist", props: { status: "Working", tasks } });
  expect(info).toMatchObject({
    status: "Working",
    done: 1,
    hasFailed: true,
    current: { title: "b", status: "running" },
  });
  expect(info.tasks.map(({ forId }) => forId)).toEqual(["m1", undefined, undefined]);
});

test.each([undefined, {}, { tasks: 1 }, { tasks: [null, 3, { title: 4, status: "odd" }], status: 5 }])(
  "whatever %j is, it is read without a word",
  (props) => {
    const info = tasksOf({
      id: "t",
      type: "tasklist",
      name: "",
      ...(props && { props: props as Record<string, unknown> }),
    });
    expect(info.done).toBe(0);
    expect(info.tasks.every(({ status }) => status === "ready")).toBe(true);
  },
);

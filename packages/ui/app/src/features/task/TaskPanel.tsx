import { type JSX, useId, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import type { ElementView } from "../element/viewers";
import { TaskItems } from "./TaskItems";
import { TaskProgress } from "./TaskProgress";
import { tasksOf } from "./tasks";
import "./task.css";

/** The chat's task list: beside the chat where there is room, else folded above the composer. */
export function TaskPanel({ element, isBeside }: { element: ElementView; isBeside: boolean }): JSX.Element {
  const [choice, setChoice] = useState<boolean>();
  const info = tasksOf(element);
  const list = useId();
  const isShown = choice ?? isBeside;
  return (
    <section className={isBeside ? "task-panel is-beside" : "task-panel"} aria-label={strings.tasks.title}>
      <button
        type="button"
        className="task-head"
        aria-expanded={isShown}
        aria-controls={list}
        onClick={() => setChoice(!isShown)}
      >
        <span className="task-words">
          <b>{info.status || strings.tasks.title}</b>
          {!isShown && info.current && <span className="task-current">{info.current.title}</span>}
        </span>
        <TaskProgress info={info} />
        <span className={isShown ? "turn-sign is-down" : "turn-sign"}>
          <Glyph shape="chevron" small />
        </span>
      </button>
      <div id={list} className="task-list" hidden={!isShown}>
        <TaskItems tasks={info.tasks} />
      </div>
    </section>
  );
}

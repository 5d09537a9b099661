"""A task list: what an app is about to do, and how far it is.

Run it with: convo run examples/tasks.py
"""

import convo

WORK = ("Read the question", "Look it up", "Ask the archive", "Write the answer")


@convo.on_message
async def work(message: convo.Message) -> None:
    tasks = convo.TaskList(status="Working")
    for title in WORK:
        await tasks.add_task(convo.Task(title))
    await tasks.send()
    for task in tasks.tasks:
        task.status = convo.TaskStatus.RUNNING
        await tasks.send()
        await convo.sleep(0.4)
        if task.title == "Ask the archive":
            task.status = convo.TaskStatus.FAILED
            continue
        said = await convo.Message(f"{task.title}: done.").send()
        task.forId = said.id
        task.status = convo.TaskStatus.DONE
    tasks.status = "Done, but for the archive"
    await tasks.send()

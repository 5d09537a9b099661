"""A task list that goes forward, with links to messages."""

import chainlit as cl


@cl.on_chat_start
async def main():
    task_list = cl.TaskList()
    task_list.status = "Running..."

    task1 = cl.Task(title="Processing data", status=cl.TaskStatus.RUNNING)
    await task_list.add_task(task1)
    task2 = cl.Task(title="Performing calculations")
    await task_list.add_task(task2)

    message = await cl.Message(content="Started").send()
    task1.forId = message.id
    await task_list.send()
    cl.user_session.set("task_list", task_list)


@cl.on_message
async def go_on(message: cl.Message):
    task_list = cl.user_session.get("task_list")
    first, second = task_list.tasks
    first.status = cl.TaskStatus.DONE
    second.status = cl.TaskStatus.FAILED
    task_list.status = "Failed"
    await task_list.update()
    await cl.Message(content="Well…").send()

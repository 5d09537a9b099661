"""An own data layer: threads, steps and feedback in dicts, as tutorials write it."""

import chainlit as cl
import chainlit.data as cl_data
from chainlit.data.base import BaseDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter
from chainlit.user import PersistedUser, User

USERS: dict[str, PersistedUser] = {}
THREADS: dict[str, ThreadDict] = {}
FEEDBACK: dict[str, Feedback] = {}


class DictLayer(BaseDataLayer):
    async def get_user(self, identifier: str) -> PersistedUser | None:
        return USERS.get(identifier)

    async def create_user(self, user: User) -> PersistedUser | None:
        USERS[user.identifier] = PersistedUser(
            id=f"user-{len(USERS)}",
            identifier=user.identifier,
            createdAt="2025-01-01T00:00:00Z",
            metadata=user.metadata,
        )
        return USERS[user.identifier]

    async def delete_feedback(self, feedback_id: str) -> bool:
        return bool(FEEDBACK.pop(feedback_id, None))

    async def upsert_feedback(self, feedback: Feedback) -> str:
        feedback.id = feedback.id or feedback.forId
        FEEDBACK[feedback.id] = feedback
        return feedback.id

    @queue_until_user_message()
    async def create_element(self, element: Element):
        THREADS[element.thread_id]["elements"].append(element.to_dict())

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        return next((e for e in THREADS[thread_id]["elements"] if e["id"] == element_id), None)

    @queue_until_user_message()
    async def delete_element(self, element_id: str, thread_id: str | None = None):
        for thread in THREADS.values():
            thread["elements"] = [e for e in thread["elements"] if e["id"] != element_id]

    @queue_until_user_message()
    async def create_step(self, step_dict: StepDict):
        THREADS[step_dict["threadId"]]["steps"].append(step_dict)

    @queue_until_user_message()
    async def update_step(self, step_dict: StepDict):
        steps = THREADS[step_dict["threadId"]]["steps"]
        steps[[step["id"] for step in steps].index(step_dict["id"])] = step_dict

    @queue_until_user_message()
    async def delete_step(self, step_id: str):
        for thread in THREADS.values():
            thread["steps"] = [s for s in thread["steps"] if s["id"] != step_id]

    async def get_thread_author(self, thread_id: str) -> str:
        return THREADS[thread_id]["userIdentifier"]

    async def delete_thread(self, thread_id: str):
        THREADS.pop(thread_id, None)

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        found = [t for t in THREADS.values() if t["userId"] == filters.userId][: pagination.first]
        page = PageInfo(hasNextPage=False, startCursor=None, endCursor=None)
        return PaginatedResponse(data=found, pageInfo=page)

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        return THREADS.get(thread_id)

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict | None = None,
        tags: list[str] | None = None,
    ):
        if thread_id not in THREADS:
            THREADS[thread_id] = ThreadDict(
                id=thread_id,
                createdAt="2025-01-01T00:00:00Z",
                name=None,
                userId=None,
                userIdentifier=None,
                tags=[],
                metadata={},
                steps=[],
                elements=[],
            )
        thread = THREADS[thread_id]
        if name:
            thread["name"] = name
        if user_id:
            thread["userId"] = user_id
            thread["userIdentifier"] = next(user.identifier for user in USERS.values() if user.id == user_id)
        thread["metadata"].update(metadata or {})
        thread["tags"] = tags or thread["tags"]

    async def build_debug_url(self) -> str:
        return ""

    async def close(self) -> None:
        pass

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        return []


@cl.data_layer
def get_data_layer():
    return DictLayer()


@cl.on_chat_resume
async def on_chat_resume(thread: ThreadDict):
    cl.user_session.set("questions", [s["output"] for s in thread["steps"] if s["type"] == "user_message"])


@cl.on_message
async def on_message(message: cl.Message):
    if message.content == "export":
        thread = await cl_data.get_data_layer().get_thread(cl.context.session.thread_id)
        asked = [step["output"] for step in thread["steps"] if step["type"] == "user_message"]
        await cl.Message(content=f"{thread['name']}: {asked}").send()
        return
    elements = [cl.Text(name="note", content="kept", display="inline")]
    await cl.Message(content=f"Earlier: {cl.user_session.get('questions')}", elements=elements).send()

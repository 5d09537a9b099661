"""A data layer for nothing but feedback: everything else is passed over, as in an app that only counts thumbs."""

from datetime import UTC, datetime

import chainlit as cl
from chainlit.data import BaseDataLayer
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter

now = datetime.now(UTC).isoformat()


class FeedbackOnly(BaseDataLayer):
    def __init__(self):
        self.rows: list[dict] = []

    async def upsert_feedback(self, feedback: Feedback) -> str:
        self.rows.append({"for": feedback.forId, "value": feedback.value, "comment": feedback.comment})
        return ""

    async def delete_feedback(self, feedback_id: str) -> bool:
        self.rows.clear()
        return True

    async def get_user(self, identifier: str):
        return cl.PersistedUser(id="test", createdAt=now, identifier=identifier)

    async def create_user(self, user: cl.User):
        return cl.PersistedUser(id="test", createdAt=now, identifier=user.identifier)

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        return PaginatedResponse(data=[], pageInfo=PageInfo(hasNextPage=False, startCursor=None, endCursor=None))

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        return None

    async def get_thread_author(self, thread_id: str) -> str:
        return ""

    async def update_thread(self, thread_id: str, name=None, user_id=None, metadata=None, tags=None):
        pass

    async def delete_thread(self, thread_id: str):
        pass

    async def create_step(self, step_dict):
        pass

    async def update_step(self, step_dict):
        pass

    async def delete_step(self, step_id: str):
        pass

    async def create_element(self, element):
        pass

    async def get_element(self, thread_id: str, element_id: str):
        return None

    async def delete_element(self, element_id: str, thread_id=None):
        pass

    async def build_debug_url(self) -> str:
        return ""

    async def close(self):
        pass

    async def get_favorite_steps(self, user_id: str):
        return []


layer = FeedbackOnly()


@cl.data_layer
def data_layer():
    return layer


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content=f"Rated so far: {[row['value'] for row in layer.rows]}").send()

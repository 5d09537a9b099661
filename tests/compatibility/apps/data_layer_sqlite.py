"""A data layer on sqlite3, one table for threads and one for steps; elements are files beside it."""

import json
import shutil
import sqlite3
import uuid

import chainlit as cl
from chainlit.data.base import BaseDataLayer
from chainlit.types import PageInfo, PaginatedResponse, ThreadDict
from chainlit.user import PersistedUser

STEP = ["id", "threadId", "parentId", "type", "name", "input", "output", "createdAt", "metadata", "showInput"]


class SQLite(BaseDataLayer):
    def __init__(self, path: str):
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row
        self.db.executescript(f"""
            CREATE TABLE IF NOT EXISTS users (id TEXT, identifier TEXT UNIQUE, createdAt TEXT, metadata TEXT);
            CREATE TABLE IF NOT EXISTS threads (
                id TEXT PRIMARY KEY, createdAt TEXT DEFAULT CURRENT_TIMESTAMP, name TEXT, userId TEXT, metadata TEXT);
            CREATE TABLE IF NOT EXISTS steps ({", ".join(STEP)}, PRIMARY KEY (id));
            CREATE TABLE IF NOT EXISTS elements (id TEXT PRIMARY KEY, threadId TEXT, body TEXT);
        """)

    def rows(self, sql, *values):
        with self.db:
            return [dict(row) for row in self.db.execute(sql, values)]

    async def get_user(self, identifier):
        for row in self.rows("SELECT * FROM users WHERE identifier = ?", identifier):
            return PersistedUser(**{**row, "metadata": json.loads(row["metadata"])})
        return None

    async def create_user(self, user):
        sql = """INSERT INTO users VALUES (?, ?, datetime('now'), ?)
            ON CONFLICT (identifier) DO UPDATE SET metadata = excluded.metadata"""
        self.rows(sql, str(uuid.uuid4()), user.identifier, json.dumps(user.metadata))
        return await self.get_user(user.identifier)

    async def update_thread(self, thread_id, name=None, user_id=None, metadata=None, tags=None):
        self.rows("INSERT OR IGNORE INTO threads (id, metadata) VALUES (?, '{}')", thread_id)
        sql = """UPDATE threads SET name = COALESCE(?, name), userId = COALESCE(?, userId),
            metadata = COALESCE(?, metadata) WHERE id = ?"""
        self.rows(sql, name, user_id, json.dumps(metadata) if metadata else None, thread_id)

    async def create_step(self, step_dict):
        row = {**step_dict, "metadata": json.dumps(step_dict["metadata"]), "showInput": str(step_dict["showInput"])}
        marks = ", ".join("?" for _ in STEP)
        self.rows(f"INSERT OR REPLACE INTO steps VALUES ({marks})", *(row[name] for name in STEP))

    async def update_step(self, step_dict):
        await self.create_step(step_dict)

    async def delete_step(self, step_id):
        self.rows("DELETE FROM steps WHERE id = ?", step_id)

    async def create_element(self, element):
        if element.path:
            shutil.copyfile(element.path, f"blob-{element.name}")
        body = {**element.to_dict(), "url": f"https://files.example.com/{element.id}"}
        self.rows("INSERT OR REPLACE INTO elements VALUES (?, ?, ?)", element.id, element.thread_id, json.dumps(body))

    async def get_element(self, thread_id, element_id):
        for row in self.rows("SELECT body FROM elements WHERE id = ?", element_id):
            return json.loads(row["body"])
        return None

    async def delete_element(self, element_id, thread_id=None):
        self.rows("DELETE FROM elements WHERE id = ?", element_id)

    async def get_thread(self, thread_id):
        for row in self.rows("SELECT * FROM threads WHERE id = ?", thread_id):
            return ThreadDict(
                **row,
                steps=self.rows("SELECT * FROM steps WHERE threadId = ? ORDER BY createdAt", thread_id),
                elements=[
                    json.loads(found["body"])
                    for found in self.rows("SELECT body FROM elements WHERE threadId = ?", thread_id)
                ],
            )
        return None

    async def get_thread_author(self, thread_id):
        sql = "SELECT identifier FROM threads JOIN users ON users.id = userId WHERE threads.id = ?"
        for row in self.rows(sql, thread_id):
            return row["identifier"]
        raise ValueError("Author not found")

    async def list_threads(self, pagination, filters):
        found = self.rows("SELECT id FROM threads WHERE userId = ? ORDER BY createdAt DESC", filters.userId)
        threads = [await self.get_thread(row["id"]) for row in found[: pagination.first]]
        return PaginatedResponse(data=threads, pageInfo=PageInfo(False, None, None))

    async def delete_thread(self, thread_id):
        for table, column in (("steps", "threadId"), ("elements", "threadId"), ("threads", "id")):
            self.rows(f"DELETE FROM {table} WHERE {column} = ?", thread_id)

    async def upsert_feedback(self, feedback):
        return feedback.id

    async def delete_feedback(self, feedback_id):
        return True

    async def build_debug_url(self):
        return ""

    async def get_favorite_steps(self, user_id):
        return []

    async def close(self):
        self.db.close()


@cl.data_layer
def get_data_layer():
    return SQLite("app.db")


@cl.on_chat_resume
async def resume(thread):
    await cl.Message(content=f"Back in {thread['name']}").send()


@cl.on_message
async def main(message: cl.Message):
    async with cl.Step(name="look", type="tool", show_input=False) as step:
        step.input, step.output = "secret", "seen"
    await cl.Message(content="Here", elements=[cl.File(name="data.bin", content=b"\0\1")]).send()

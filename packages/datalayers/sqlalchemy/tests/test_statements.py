"""A turn costs few statements."""

from __future__ import annotations

from convo.datalayer import Changes
from convo.protocol import RunInfo, State, Step, ThreadInfo
from convo_sqlalchemy import SQLAlchemyDataLayer
from sqlalchemy import Engine, event


class Watch:
    """Counts what reaches the database."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.transactions = 0

    def __enter__(self) -> Watch:
        event.listen(Engine, "before_cursor_execute", self._execute)
        event.listen(Engine, "commit", self._commit)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._execute)
        event.remove(Engine, "commit", self._commit)

    def _execute(self, connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)

    def _commit(self, connection: object) -> None:
        self.transactions += 1


async def test_a_turn_with_a_step_and_a_reply_is_four_statements_in_two_transactions(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    with Watch() as watch:
        epoch = await layer.claim_thread("t", "p")
        state = State(
            thread=ThreadInfo(id="t"),
            runs=[RunInfo(id="r", callback="on_message", status="done")],
            steps=[
                Step(id="m1", type="user_message", output="hello"),
                Step(id="s1", type="tool", run_id="r", output="found"),
                Step(id="m2", type="assistant_message", run_id="r", prior_id="m1", output="hi"),
            ],
            leaf="m2",
        )
        await layer.apply(Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=9, state=state, removed=[]))
        assert len(watch.statements) == 4, watch.statements
        assert watch.transactions == 2

        await layer.apply(Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=12, state=state, removed=[]))
        assert len(watch.statements) == 6, watch.statements  # a later turn needs no claim
        assert watch.transactions == 3

        await layer.get_thread("t")
        assert len(watch.statements) == 7, watch.statements
    await layer.close()

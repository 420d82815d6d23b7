"""The tool that makes a file, or replaces the whole of one."""

from pydantic import BaseModel

from executor.tools.desk import Desk
from llm.backend import Refused, Tool


class Write(BaseModel):
    path: str
    content: str


def write_tool(desk: Desk) -> Tool:
    async def write(asked: Write) -> str:
        name = desk.writable(asked.path)
        existed = desk.exists(name)
        if existed and name not in desk.seen:
            raise Refused(f"refused: {name} exists; read it before replacing it")
        desk.put(name, asked.content)
        return f"{name} {'replaced' if existed else 'made'}"

    return Tool(
        "write",
        "Make a file, or replace the whole of one you have read.",
        Write,
        write,
        sequential=True,
    )

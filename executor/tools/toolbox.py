"""The tools in their fixed order: the same bytes for every story, so that prompts stay cached."""

from executor.tools.desk import Desk
from executor.tools.edit import edit_tool
from executor.tools.read import read_tool
from executor.tools.run import run_tool
from executor.tools.search import search_tool
from executor.tools.write import write_tool
from llm.backend import Tool


def toolbox(desk: Desk) -> tuple[Tool, ...]:
    return (
        read_tool(desk),
        search_tool(desk),
        edit_tool(desk),
        write_tool(desk),
        run_tool(desk),
    )

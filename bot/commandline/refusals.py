"""The errors whose text is a sentence for whoever typed the command."""


def refusals() -> tuple[type[Exception], ...]:
    from bot.github.errors import GitHubError
    from bot.settings import SettingsError
    from bot.store.migrate import SchemaTooNew
    from executor.sandbox.port import NoSandbox
    from llm.route_table import RoutesError

    return (GitHubError, NoSandbox, RoutesError, SchemaTooNew, SettingsError)

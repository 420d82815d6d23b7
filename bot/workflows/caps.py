"""How much a follow-up and a day may take, beside the cap of a run."""

from decimal import Decimal

from bot.repo_config import RepoConfig, run_caps
from llm.meter import Caps
from llm.pricing import Usd

FOLLOW_UP_USD = Usd(Decimal("0.30"))
DAY_USD = Usd(Decimal("20.00"))


def follow_up_caps(config: RepoConfig) -> Caps:
    """The smaller of a follow-up's own cap and a run's."""
    run = run_caps(config)
    usd = FOLLOW_UP_USD if run.usd is None else Usd(min(run.usd, FOLLOW_UP_USD))
    return run.model_copy(update={"usd": usd})


def day_caps() -> Caps:
    """Per repository and UTC day."""
    return Caps(usd=DAY_USD)

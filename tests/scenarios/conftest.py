"""The databases and queues that scenarios are played on."""

from tests.support.databases import (
    empty_postgresql_url as empty_postgresql_url,
)
from tests.support.databases import (
    postgresql_server as postgresql_server,
)
from tests.support.redis import redis_server as redis_server

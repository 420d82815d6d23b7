"""Real databases and queues for the tests of this package."""

from tests.support.databases import clock as clock
from tests.support.databases import database_url as database_url
from tests.support.databases import empty_postgresql_url as empty_postgresql_url
from tests.support.databases import migrated_file as migrated_file
from tests.support.databases import postgresql_server as postgresql_server
from tests.support.databases import postgresql_template as postgresql_template
from tests.support.databases import postgresql_url as postgresql_url
from tests.support.databases import sqlite_url as sqlite_url
from tests.support.databases import store as store
from tests.support.redis import redis_server as redis_server
from tests.support.redis import redis_url as redis_url

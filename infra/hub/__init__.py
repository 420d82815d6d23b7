"""A GitHub for one machine: REST, git over HTTP, webhooks, pages and faults."""

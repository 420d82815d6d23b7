"""Refs over REST: made, moved forward, deleted, under the rules a push is under."""

import pygit2

from infra.hub.acts.pushes import ref_moved
from infra.hub.git.judge import Move, refusal
from infra.hub.git.store import is_ancestor, open_store, ref_target, set_ref
from infra.hub.render import commits as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import READ_CONTENTS, WRITE_CONTENTS
from infra.hub.rest.refusal import Refusal, not_found, unprocessable
from infra.hub.rest.routes import Routes

route = Routes()


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", READ_CONTENTS)
def show_ref(call: Call) -> Answer:
    ref = f"refs/{call.params['ref']}"
    sha = ref_target(open_store(call.repo.path), ref)
    if sha is None:
        raise not_found()
    return Answer(200, render.git_ref(call.world, call.repo, ref, sha))


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", READ_CONTENTS)
def list_matching(call: Call) -> Answer:
    store, prefix = open_store(call.repo.path), f"refs/{call.params['ref']}"
    names = sorted(name for name in store.references if name.startswith(prefix))
    found = [(name, sha) for name in names if (sha := ref_target(store, name))]
    return call.page(found, lambda each: render.git_ref(call.world, call.repo, *each))


class RefBody(Body):
    ref: str
    sha: str


@route("POST", "/repos/{owner}/{repo}/git/refs", WRITE_CONTENTS)
def create_ref(call: Call) -> Answer:
    sent, store = call.body(RefBody, "Reference"), open_store(call.repo.path)
    if not sent.ref.startswith("refs/") or sent.ref.count("/") < 2:
        raise unprocessable("Reference name must start with 'refs/' and have two slashes")
    if not pygit2.reference_is_valid_name(sent.ref):
        raise unprocessable(f"{sent.ref} is not a valid ref name.")
    _check_commit(store, sent.sha)
    if ref_target(store, sent.ref) is not None:
        raise unprocessable("Reference already exists")
    _check_rules(call, sent.ref, None, sent.sha)
    set_ref(store, sent.ref, sent.sha)
    ref_moved(call.world, call.repo, sent.ref, None, sent.sha, call.account)
    shown = render.git_ref(call.world, call.repo, sent.ref, sent.sha)
    return Answer(201, shown, {"Location": str(shown["url"])})


def _check_commit(store: pygit2.Repository, sha: str) -> None:
    if len(sha) != 40 or store.get(pygit2.Oid(hex=sha)) is None:
        raise unprocessable("Object does not exist")


def _check_rules(call: Call, ref: str, old: str | None, new: str | None) -> None:
    said = refusal(call.repo, Move(ref, old, new), open_store(call.repo.path))
    if said is not None:
        raise Refusal(422, said.sentence)


class RefEditBody(Body):
    sha: str
    force: bool = False


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", WRITE_CONTENTS)
def update_ref(call: Call) -> Answer:
    sent, store = call.body(RefEditBody, "Reference"), open_store(call.repo.path)
    ref = f"refs/{call.params['ref']}"
    old = ref_target(store, ref)
    if old is None:
        raise unprocessable("Reference does not exist")
    _check_commit(store, sent.sha)
    if not sent.force and not is_ancestor(store, old, sent.sha):
        raise unprocessable("Update is not a fast forward")
    _check_rules(call, ref, old, sent.sha)
    set_ref(store, ref, sent.sha)
    ref_moved(call.world, call.repo, ref, old, sent.sha, call.account)
    return Answer(200, render.git_ref(call.world, call.repo, ref, sent.sha))


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", WRITE_CONTENTS)
def delete_ref(call: Call) -> Answer:
    store, ref = open_store(call.repo.path), f"refs/{call.params['ref']}"
    old = ref_target(store, ref)
    if old is None:
        raise unprocessable("Reference does not exist")
    _check_rules(call, ref, old, None)
    set_ref(store, ref, None)
    ref_moved(call.world, call.repo, ref, old, None, call.account)
    return Answer(204)

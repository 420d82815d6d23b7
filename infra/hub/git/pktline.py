"""git's pkt-lines: read a push's commands, write its report."""

from infra.hub.git.judge import Move
from infra.hub.git.store import ZERO

FLUSH = b"0000"


def pushed_moves(body: bytes) -> tuple[list[Move], bytes]:
    """The ref updates a push asks for, and the pack behind them."""
    moves: list[Move] = []
    at = 0
    while (size := int(body[at : at + 4] or b"0", 16)) > 0:
        line = body[at + 4 : at + size].split(b"\0")[0].decode().rstrip("\n")
        at += size
        if line.startswith(("shallow ", "push-cert")):
            continue
        old, new, ref = line.split(" ", 2)
        moves.append(Move(ref, None if old == ZERO else old, None if new == ZERO else new))
    rest = body[at + 4 :]
    pack = rest.find(b"PACK")
    return moves, rest[pack:] if pack >= 0 else b""


def refused_report(moves: list[Move], reasons: dict[str, str], said: str) -> bytes:
    """Nothing was taken: `remote:` lines, then `ng` for each ref."""
    report = line(b"unpack ok\n")
    for move in moves:
        reason = reasons.get(move.ref, "atomic push failure")
        report += line(f"ng {move.ref} {reason}\n".encode())
    told = b"".join(line(b"\x02" + f"{each}\n".encode()) for each in said.splitlines())
    return told + line(b"\x01" + report + FLUSH) + FLUSH


def line(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data

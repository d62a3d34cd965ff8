#!/usr/bin/python3 -I
"""A sample adapter: it reads a made-up bank whose books stand below.

A real one asks the bank's servers where this one looks into its lists. The protocol is described in
coffer-adapter(5): one JSON object a line comes in, one goes out.
"""

import json
import sys

KEY, SECRET = "sample-key", "sample-secret"
DAY = 86_400_000_000

MARKETS = [
    {"id": "XBTC-EUR", "base": "XBTC", "quote": "EUR", "amountStep": "0.00000001", "isActive": True},
    {"id": "ETH-EUR", "base": "ETH", "quote": "EUR", "isActive": True},
]
BALANCES = [
    {"asset": "XBTC", "free": "0.74900000", "used": "0.25"},
    {"asset": "ETH", "total": "2.000000000000000001"},
    {"asset": "EUR", "free": "18490.10", "used": "0"},
]
# Times are microseconds since 1970; ISO 8601 would do too.
START = 1_735_732_800_000_000  # 2025-01-01T12:00:00Z
FILLS = [
    {"id": "f1", "order": "o1", "time": START + 1 * DAY, "market": "XBTC-EUR", "side": "buy",
     "price": "90000", "amount": "0.5", "fees": [{"asset": "EUR", "amount": "45"}]},
    {"id": "f2", "order": "o1", "time": START + 1 * DAY, "market": "XBTC-EUR", "side": "buy",
     "price": "90010", "amount": "0.5", "fees": [{"asset": "EUR", "amount": "45.005"}]},
    {"id": "f3", "order": "o2", "time": START + 2 * DAY, "market": "ETH-EUR", "side": "buy",
     "price": "3200.5", "amount": "2", "fees": []},
]
DEPOSITS = [
    {"id": "d1", "time": "2025-01-01T12:00:00Z", "asset": "EUR", "amount": "115000", "status": "ok"},
]
WITHDRAWALS = [
    {"id": "w1", "time": START + 3 * DAY, "asset": "XBTC", "amount": "0.001", "status": "ok",
     "fee": {"asset": "XBTC", "amount": "0"}, "network": "bitcoin", "transactionHash": "ab" * 32},
]
STATEMENT = [
    {"id": "s1", "time": START + 4 * DAY, "asset": "ETH", "amount": "0.000000000000000001",
     "kind": "staking"},
    {"id": "s2", "time": START + 5 * DAY, "asset": "EUR", "amount": "-23.895", "kind": "fee"},
    {"id": "s3", "time": START + 6 * DAY, "asset": "EUR", "amount": "10", "kind": "interest"},
]
TICKERS = [{"market": "XBTC-EUR", "last": "91000"}, {"market": "ETH-EUR", "last": "3300.25"}]


class Refused(Exception):
    """Why the bank does not answer: a kind, and its words."""


def microseconds(row):
    """When a row happened."""
    return START if isinstance(row["time"], str) else row["time"]


def between(rows, ask):
    """The rows of the time asked for, both ends included, oldest first."""
    first, last = ask.get("from", 0), ask.get("to", 1 << 62)
    return [row for row in rows if first <= microseconds(row) <= last]


def check(credentials):
    """Refuses a key that is not the account's."""
    if (credentials.get("key"), credentials.get("secret")) != (KEY, SECRET):
        raise Refused("auth", "this key is not known")


def fills(ask):
    """A page by cursor: where the last one ended is given back as `cursor`."""
    rows = between(FILLS, ask)
    start = int(ask.get("cursor", "0"))
    end = start + min(int(ask["limit"]), 2)
    return {"rows": rows[start:end], "next": str(end) if end < len(rows) else None}


def statement(ask):
    """A page by number, from 0; a page that is not full is the last."""
    rows, size = between(STATEMENT, ask), int(ask["limit"])
    page = int(ask.get("page", 0))
    return {"rows": rows[page * size:(page + 1) * size]}


OPEN = {
    "markets": lambda ask: {"rows": MARKETS},
    "tickers": lambda ask: {"rows": TICKERS},
}
PRIVATE = {
    "rights": lambda ask: {"rows": [{"canRead": True, "canTrade": False, "canWithdraw": False}]},
    "balances": lambda ask: {"rows": BALANCES},
    "fills": fills,
    "deposits": lambda ask: {"rows": between(DEPOSITS, ask)[:int(ask["limit"])]},
    "withdrawals": lambda ask: {"rows": between(WITHDRAWALS, ask)[:int(ask["limit"])]},
    "statement": statement,
}


def answer(request):
    """What goes out for what came in."""
    method = request["method"]
    if method == "hello":
        return {"protocol": 1, "feeds": list(OPEN) + list(PRIVATE)}
    if method in OPEN:
        return OPEN[method](request["ask"])
    if method in PRIVATE:
        check(request["credentials"])
        return PRIVATE[method](request["ask"])
    raise Refused("definitive", "there is no such feed")


def main():
    """Answers line by line until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request)
        except Refused as refusal:
            kind, message = refusal.args
            reply = {"fault": {"kind": kind, "message": message}}
        print(json.dumps({"id": request["id"], **reply}), flush=True)


main()

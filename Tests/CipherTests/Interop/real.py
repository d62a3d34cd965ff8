"""Runs statements through the real SQLCipher: real.py close|exit DATABASE KEY STATEMENT...

Prints one line a row, columns joined by "|". With "exit" the process ends without closing, which
leaves a hot log or journal behind, as a crash would.
"""
import os
import sys

from sqlcipher3 import dbapi2

how, path, key, *statements = sys.argv[1:]
connection = dbapi2.connect(path, isolation_level=None)
quoted = key.replace("'", "''")
connection.execute(f'pragma key="{key}"' if key.startswith("x'") else f"pragma key='{quoted}'")
for statement in statements:
    for row in connection.execute(statement).fetchall():
        print("|".join("NULL" if value is None else str(value) for value in row))
sys.stdout.flush()
if how == "exit":
    os._exit(0)
connection.close()

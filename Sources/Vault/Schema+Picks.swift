extension Schema {
  /// The lots that users named for what they gave away; none is ever written over.
  static let picks = """
    CREATE TABLE lot_pick (
      id INTEGER PRIMARY KEY, sale BLOB NOT NULL, lots TEXT NOT NULL, time INTEGER NOT NULL,
      author TEXT NOT NULL, withdrawn INTEGER, withdrawer TEXT NOT NULL) STRICT;
    CREATE INDEX lot_pick_by_sale ON lot_pick (sale, id);
    """

  /// How accounts' sales take lots where none are named; none is ever written over.
  static let instructions = """
    CREATE TABLE lot_instruction (
      id INTEGER PRIMARY KEY, account TEXT NOT NULL, method TEXT NOT NULL,
      start INTEGER NOT NULL, time INTEGER NOT NULL, author TEXT NOT NULL, withdrawn INTEGER,
      withdrawer TEXT NOT NULL) STRICT;
    """
}

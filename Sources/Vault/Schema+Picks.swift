extension Schema {
  /// The lots that users named for what they gave away; none is ever written over.
  static let picks = """
    CREATE TABLE lot_pick (
      id INTEGER PRIMARY KEY, sale BLOB NOT NULL, lots TEXT NOT NULL, time INTEGER NOT NULL,
      author TEXT NOT NULL, withdrawn INTEGER, withdrawer TEXT NOT NULL) STRICT;
    CREATE INDEX lot_pick_by_sale ON lot_pick (sale, id);
    """
}

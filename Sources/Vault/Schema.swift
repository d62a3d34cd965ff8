import GRDB

/// The layout of the database: a list of steps that only grows.
///
/// `PRAGMA user_version` says how many were taken. A step runs in a transaction of its own; before it
/// the caller makes a verified copy of a database that holds something. Sums of money are decimal
/// texts, never REAL; times are microseconds since 1970 in UTC. A leg's number is its entry's times 64
/// plus its place in the entry, so that legs are only ever added at the end of their table. Identities
/// are as good as random, and each that is added changes another page. So they have tables of their
/// own: the latest ones a small one, which is emptied into the large one in order of identity.
enum Schema {
  /// One step of the layout.
  struct Step: Sendable {
    let sql: String
    /// What is worked out from the rest after it.
    var rebuild: (@Sendable (Database) throws -> Void)?
  }

  static let steps: [Step] = [
    Step(sql: first), Step(sql: connections), Step(sql: bars), Step(sql: statements),
    Step(sql: alerts), Step(sql: watch), Step(sql: picks), Step(sql: instructions),
    Step(sql: openProfits),
    // Coins became contracts, and were no money any more for some versions.
    Step(sql: "") { try OwnTrades.rebuild($0) },
  ]

  /// How many steps the database has taken.
  static func version(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }

  /// Takes the next step, in the caller's transaction.
  static func take(step number: Int, of steps: [Step] = Schema.steps, _ db: Database) throws {
    try db.execute(sql: steps[number].sql)
    try steps[number].rebuild?(db)
    try db.execute(sql: "PRAGMA user_version = \(number + 1)")
  }

  private static let first = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE book (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE account (
      id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      venue TEXT NOT NULL, book TEXT NOT NULL) STRICT;
    CREATE TABLE asset (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE asset_link (
      asset TEXT PRIMARY KEY, canonical TEXT NOT NULL, time INTEGER NOT NULL,
      author TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE import (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, file_name TEXT NOT NULL,
      file_sha256 BLOB NOT NULL, format TEXT NOT NULL, settings TEXT NOT NULL,
      bytes INTEGER NOT NULL, state INTEGER NOT NULL, added INTEGER NOT NULL DEFAULT 0,
      duplicates INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0,
      refused INTEGER NOT NULL DEFAULT 0, ended INTEGER) STRICT;
    CREATE TABLE payload (
      id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL, first_line INTEGER NOT NULL,
      last_line INTEGER NOT NULL, text BLOB NOT NULL) STRICT;
    CREATE INDEX payload_by_line ON payload (import_id, first_line);
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL, content BLOB NOT NULL,
      time INTEGER NOT NULL, kind INTEGER NOT NULL, reference TEXT NOT NULL,
      tx_hash TEXT NOT NULL, note TEXT NOT NULL, value_amount TEXT, value_currency TEXT,
      import_id INTEGER NOT NULL, line INTEGER NOT NULL) STRICT;
    CREATE TABLE entry_key (
      key BLOB PRIMARY KEY, entry_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE entry_key_recent (
      key BLOB PRIMARY KEY, entry_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE entry_by_time (
      time INTEGER NOT NULL, entry_id INTEGER NOT NULL,
      PRIMARY KEY (time, entry_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE leg (
      id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, asset_id INTEGER NOT NULL,
      quantity TEXT NOT NULL, counter INTEGER NOT NULL,
      entry_id INTEGER GENERATED ALWAYS AS (id >> 6) VIRTUAL,
      n INTEGER GENERATED ALWAYS AS (id & 63) VIRTUAL) STRICT;
    CREATE TABLE entry_by_account (
      account_id INTEGER NOT NULL, time INTEGER NOT NULL, entry_id INTEGER NOT NULL,
      PRIMARY KEY (account_id, time, entry_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE entry_by_asset (
      asset_id INTEGER NOT NULL, account_id INTEGER NOT NULL, time INTEGER NOT NULL,
      entry_id INTEGER NOT NULL,
      PRIMARY KEY (asset_id, account_id, time, entry_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE holding (
      account_id INTEGER NOT NULL, asset_id INTEGER NOT NULL, free TEXT NOT NULL,
      staked TEXT NOT NULL, PRIMARY KEY (account_id, asset_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE trade_price (
      asset_id INTEGER NOT NULL, currency TEXT NOT NULL, price TEXT NOT NULL,
      time INTEGER NOT NULL, PRIMARY KEY (asset_id, currency)) STRICT, WITHOUT ROWID;
    CREATE TABLE quote (
      asset TEXT NOT NULL, currency TEXT NOT NULL, source TEXT NOT NULL, price TEXT NOT NULL,
      day_open TEXT, time INTEGER NOT NULL,
      PRIMARY KEY (asset, currency, source)) STRICT, WITHOUT ROWID;
    CREATE TABLE refused (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, import_id INTEGER NOT NULL,
      row INTEGER NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, column_name TEXT NOT NULL,
      text TEXT NOT NULL, raw BLOB, state INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX refused_by_state ON refused (state, id);
    CREATE TABLE audit (seq INTEGER PRIMARY KEY, record BLOB NOT NULL, leaf BLOB NOT NULL) STRICT;
    CREATE TABLE audit_checkpoint (
      size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
    """

  /// What is kept of accounts that are read from venues.
  private static let connections = """
    CREATE TABLE connection (
      id INTEGER PRIMARY KEY, account TEXT NOT NULL UNIQUE, venue TEXT NOT NULL,
      settings TEXT NOT NULL, created INTEGER NOT NULL, state INTEGER NOT NULL,
      rights TEXT, rights_time INTEGER, import_id INTEGER NOT NULL,
      next_line INTEGER NOT NULL DEFAULT 1) STRICT;
    CREATE TABLE credential (
      connection_id INTEGER NOT NULL, generation INTEGER NOT NULL, sealed BLOB,
      created INTEGER NOT NULL, made INTEGER, proven INTEGER, state INTEGER NOT NULL,
      PRIMARY KEY (connection_id, generation)) STRICT, WITHOUT ROWID;
    CREATE TABLE lane_state (
      connection_id INTEGER NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL,
      time INTEGER NOT NULL, PRIMARY KEY (connection_id, lane)) STRICT, WITHOUT ROWID;
    CREATE TABLE answer (
      id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL, import_id INTEGER NOT NULL,
      lane TEXT NOT NULL, time INTEGER NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL,
      bytes INTEGER NOT NULL, sha256 BLOB NOT NULL, first_line INTEGER NOT NULL,
      last_line INTEGER NOT NULL, body BLOB) STRICT;
    CREATE INDEX answer_by_line ON answer (import_id, first_line);
    CREATE TABLE reported_view (
      connection_id INTEGER NOT NULL, lane TEXT NOT NULL, time INTEGER NOT NULL,
      PRIMARY KEY (connection_id, lane)) STRICT, WITHOUT ROWID;
    CREATE TABLE reported_balance (
      connection_id INTEGER NOT NULL, lane TEXT NOT NULL, part TEXT NOT NULL,
      asset TEXT NOT NULL, free TEXT, used TEXT, total TEXT,
      PRIMARY KEY (connection_id, lane, part, asset)) STRICT, WITHOUT ROWID;
    CREATE TABLE open_position (
      connection_id INTEGER NOT NULL, lane TEXT NOT NULL, number INTEGER NOT NULL,
      market TEXT NOT NULL, part TEXT NOT NULL, is_long INTEGER, is_isolated INTEGER,
      contracts TEXT, contract_size TEXT, entry_price TEXT, mark_price TEXT,
      liquidation_price TEXT, unrealised TEXT, leverage TEXT, margin TEXT, stated INTEGER,
      PRIMARY KEY (connection_id, lane, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE book_break (
      account TEXT NOT NULL, asset TEXT NOT NULL, expected TEXT NOT NULL,
      reported TEXT NOT NULL, since INTEGER NOT NULL, checked INTEGER NOT NULL,
      state TEXT NOT NULL, note TEXT NOT NULL,
      PRIMARY KEY (account, asset)) STRICT, WITHOUT ROWID;
    CREATE TABLE call_count (
      connection_id INTEGER NOT NULL, day INTEGER NOT NULL, lane TEXT NOT NULL,
      calls INTEGER NOT NULL, bytes INTEGER NOT NULL, added INTEGER NOT NULL,
      PRIMARY KEY (connection_id, day, lane)) STRICT, WITHOUT ROWID;
    """

  /// What of a reported balance no entry will ever say, so that it need not be asked for again.
  private static let openProfits = "ALTER TABLE reported_balance ADD COLUMN open_profit TEXT"

  /// What is kept of prices over time.
  ///
  /// A bar has a row for each source, so that none is written over by another. Seconds are packed, a
  /// row for each minute. Coverage says what venues were asked for.
  private static let bars = """
    CREATE TABLE bar_series (
      id INTEGER PRIMARY KEY, asset TEXT NOT NULL, currency TEXT NOT NULL,
      UNIQUE (asset, currency)) STRICT;
    CREATE TABLE bar_source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE price_bar (
      series_id INTEGER NOT NULL, length INTEGER NOT NULL, start INTEGER NOT NULL,
      source_id INTEGER NOT NULL, parts INTEGER NOT NULL, open TEXT NOT NULL,
      high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL,
      PRIMARY KEY (series_id, length, start, source_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE second_bars (
      series_id INTEGER NOT NULL, minute INTEGER NOT NULL, source_id INTEGER NOT NULL,
      bars TEXT NOT NULL, PRIMARY KEY (series_id, minute, source_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE bar_coverage (
      asset TEXT NOT NULL, currency TEXT NOT NULL, venue TEXT NOT NULL, length INTEGER NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL, note TEXT NOT NULL,
      PRIMARY KEY (asset, currency, venue, length)) STRICT, WITHOUT ROWID;
    """

  /// What users say that assets cost, and what the whole was found to be worth at a cut-off.
  private static let statements = """
    CREATE TABLE price_statement (
      id INTEGER PRIMARY KEY, asset TEXT NOT NULL, currency TEXT NOT NULL, price TEXT NOT NULL,
      time INTEGER NOT NULL, expires INTEGER NOT NULL, reason TEXT NOT NULL,
      author TEXT NOT NULL, state INTEGER NOT NULL, doubt TEXT NOT NULL, decider TEXT NOT NULL,
      decided INTEGER) STRICT;
    CREATE INDEX price_statement_by_asset ON price_statement (asset, currency, id);
    CREATE TABLE nav_strike (
      cutoff INTEGER NOT NULL, version INTEGER NOT NULL, made INTEGER NOT NULL,
      author TEXT NOT NULL, reason TEXT NOT NULL, currency TEXT NOT NULL, value TEXT NOT NULL,
      low TEXT NOT NULL, high TEXT NOT NULL, content BLOB NOT NULL, prices_hash BLOB NOT NULL,
      content_hash BLOB NOT NULL, PRIMARY KEY (cutoff, version)) STRICT, WITHOUT ROWID;
    """
}

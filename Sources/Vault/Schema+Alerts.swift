extension Schema {
  /// What is kept of alerts: what happened to each, how they stand, what sinks are to be told.
  ///
  /// `alert_record` only grows. A delivery is written before it is sent and ended after it was taken;
  /// one whose `state` is NULL waits, and one that ended long ago is forgotten.
  static let alerts = """
    CREATE TABLE alert_record (
      id INTEGER PRIMARY KEY, alert INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL,
      author TEXT NOT NULL, note TEXT NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE INDEX alert_record_by_alert ON alert_record (alert, id);
    CREATE TABLE alert_state (
      part TEXT PRIMARY KEY, time INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE alert_delivery (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sink TEXT NOT NULL,
      time INTEGER NOT NULL, record TEXT NOT NULL, state TEXT, ended INTEGER) STRICT;
    CREATE INDEX alert_delivery_waiting ON alert_delivery (number) WHERE state IS NULL;
    CREATE TABLE alert_sink (
      name TEXT PRIMARY KEY, kind TEXT NOT NULL, settings TEXT NOT NULL, sealed BLOB,
      generation INTEGER NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """
}

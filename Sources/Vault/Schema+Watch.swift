extension Schema {
  /// What detectors of anomalies have learned: the latest states, so that an older one can be gone
  /// back to.
  static let watch = """
    CREATE TABLE watch_state (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
    """
}

/// What a request's verb needs before it is carried out.
struct VerbSpec: Hashable, Sendable {
  /// Where it is carried out.
  enum Lane: Hashable, Sendable {
    /// By the core itself.
    case core
    /// By the queue that folds the ledger, with the prices of the moment.
    case figures
    /// By the vault's readers, beside anything else.
    case read
    /// By the vault's one writer, after what is going on.
    case write
  }

  let name: String
  let lane: Lane
  /// Whether the vault must be open.
  let needsVault: Bool
  /// Whether a client that only looks may ask it.
  let isForReaders: Bool
  /// How many secrets come with it.
  let secrets: ClosedRange<Int>
  /// The arguments it knows.
  let arguments: Set<String>

  init(
    _ name: String, _ lane: Lane, needsVault: Bool = true, isForReaders: Bool = false,
    secrets: ClosedRange<Int> = 0...0, arguments: Set<String> = []
  ) {
    self.name = name
    self.lane = lane
    self.needsVault = needsVault
    self.isForReaders = isForReaders
    self.secrets = secrets
    self.arguments = arguments
  }

  /// Every verb, by name.
  static let all: [String: VerbSpec] = Dictionary(
    [
      VerbSpec("status", .core, needsVault: false, isForReaders: true),
      VerbSpec("stop", .core, needsVault: false),
      VerbSpec(
        "unlock", .write, needsVault: false, secrets: 1...1, arguments: ["accept-rollback", "user"]),
      VerbSpec("lock", .write, needsVault: false),
      VerbSpec("set-idle-lock", .write, arguments: ["after", "user"]),
      VerbSpec(
        "log", .core, needsVault: false, isForReaders: true,
        arguments: ["after", "level", "limit"]),
      VerbSpec(
        "import", .write,
        arguments: [
          "path", "format", "account", "zone", "currency", "native", "own-address", "date-order",
          "profile", "preview", "user",
        ]),
      VerbSpec("imports", .read, isForReaders: true),
      VerbSpec(
        "refused", .read, isForReaders: true, arguments: ["import", "offset", "limit", "state"]),
      VerbSpec("dismiss", .write, arguments: ["row", "user"]),
      VerbSpec("accounts", .read, isForReaders: true),
      VerbSpec("formats", .read, needsVault: false, isForReaders: true),
      VerbSpec("set-book", .write, arguments: ["account", "book", "user"]),
      VerbSpec("rename-account", .write, arguments: ["account", "name", "user"]),
      VerbSpec("set-currency", .write, arguments: ["currency", "user"]),
      VerbSpec("benchmark", .read, isForReaders: true),
      VerbSpec("set-benchmark", .write, arguments: ["assets", "user"]),
      VerbSpec(
        "set-price", .write,
        arguments: ["asset", "price", "currency", "hours", "reason", "user"]),
      VerbSpec("approve-price", .write, arguments: ["id", "confirm", "user"]),
      VerbSpec("withdraw-price", .write, arguments: ["id", "user"]),
      VerbSpec("price-statements", .read, isForReaders: true),
      VerbSpec("prices", .core, isForReaders: true, arguments: ["asset"]),
      VerbSpec(
        "make-strike", .write,
        arguments: ["at", "reason", "accept-breaks", "accept-unread", "user"]),
      VerbSpec("strikes", .read, isForReaders: true),
      VerbSpec("strike", .read, isForReaders: true, arguments: ["at", "version"]),
      VerbSpec("cut-off", .read, isForReaders: true),
      VerbSpec("set-cut-off", .write, arguments: ["time", "zone", "off", "user"]),
      VerbSpec("pegs", .core, isForReaders: true),
      VerbSpec(
        "price-history", .read, isForReaders: true,
        arguments: ["asset", "length", "from", "to"]),
      VerbSpec(
        "gains", .figures, isForReaders: true,
        arguments: [
          "by", "from", "to", "asset", "method", "scope", "as-of", "known-at",
        ]),
      VerbSpec(
        "lots", .figures, isForReaders: true,
        arguments: [
          "asset", "account", "offset", "limit", "method", "scope", "as-of", "known-at",
        ]),
      VerbSpec("pick-lots", .figures, arguments: ["sale", "lots", "user"]),
      VerbSpec("unpick-lots", .write, arguments: ["sale", "user"]),
      VerbSpec("stand-lots", .write, arguments: ["account", "method", "from", "user"]),
      VerbSpec("standing-lots", .read, isForReaders: true, arguments: ["account"]),
      VerbSpec(
        "lots-taken", .figures, isForReaders: true,
        arguments: ["asset", "from", "to", "method", "scope", "as-of", "known-at"]),
      VerbSpec(
        "lot-picks", .figures, isForReaders: true, arguments: ["scope", "as-of", "known-at"]),
      VerbSpec(
        "performance", .figures, isForReaders: true,
        arguments: [
          "period", "by", "benchmark", "daily", "method", "scope", "as-of", "known-at",
        ]),
      VerbSpec(
        "past-positions", .figures, isForReaders: true, arguments: ["as-of", "known-at"]),
      VerbSpec("why", .figures, isForReaders: true, arguments: ["figure", "period"]),
      VerbSpec("gain-rules", .figures, isForReaders: true),
      VerbSpec("set-gains", .write, arguments: ["method", "scope", "benchmark", "user"]),
      VerbSpec("price-venues", .read, isForReaders: true),
      VerbSpec("set-price-venues", .write, arguments: ["venues", "user"]),
      VerbSpec(
        "risk", .core, isForReaders: true,
        arguments: ["confidence", "horizon", "method", "stress", "spread", "by", "view"]),
      VerbSpec(
        "correlation", .core, isForReaders: true, arguments: ["window", "method", "view", "pair"]),
      VerbSpec("liquidation", .read, isForReaders: true),
      VerbSpec("set-risk-limits", .write, arguments: ["limits", "user"]),
      VerbSpec("risk-settings", .read, isForReaders: true),
      VerbSpec("set-risk", .write, arguments: ["benchmark", "window", "user"]),
      VerbSpec("link-asset", .write, arguments: ["asset", "canonical", "user"]),
      VerbSpec("unlink-asset", .write, arguments: ["asset", "user"]),
      VerbSpec("links", .read, isForReaders: true),
      VerbSpec("judge-asset", .write, arguments: ["asset", "word", "user"]),
      VerbSpec("suspects", .core, isForReaders: true),
      VerbSpec(
        "adjust", .write,
        arguments: ["account", "asset", "quantity", "note", "time", "kind", "user"]),
      VerbSpec("entry", .read, isForReaders: true, arguments: ["id"]),
      VerbSpec("export", .read, arguments: ["what", "format", "path", "replace"]),
      VerbSpec("backup", .write, arguments: ["path", "replace", "user"]),
      VerbSpec(
        "connect", .core, secrets: 1...8,
        arguments: [
          "venue", "name", "book", "from", "accept-withdraw", "untested", "user",
        ]),
      VerbSpec(
        "rekey", .core, secrets: 1...8, arguments: ["account", "accept-withdraw", "user"]),
      VerbSpec(
        "watch", .write,
        arguments: ["watch", "chain", "server", "name", "book", "tokens", "user"]),
      VerbSpec("name-token", .write, arguments: ["account", "token", "remove", "user"]),
      VerbSpec("disconnect", .write, arguments: ["account", "user"]),
      VerbSpec("pause", .write, arguments: ["account", "user"]),
      VerbSpec("resume", .write, arguments: ["account", "user"]),
      VerbSpec("requery", .core, arguments: ["account", "from", "to"]),
      VerbSpec("connections", .core, isForReaders: true),
      VerbSpec("feeds", .core, isForReaders: true, arguments: ["account"]),
      VerbSpec("limits", .core, isForReaders: true),
      VerbSpec("anomalies", .core, isForReaders: true),
      VerbSpec(
        "book", .core, isForReaders: true, arguments: ["venue", "market", "levels"]),
      VerbSpec("alerts", .core, isForReaders: true, arguments: ["all"]),
      VerbSpec("alert", .read, isForReaders: true, arguments: ["id"]),
      VerbSpec("alert-ack", .core, arguments: ["id", "user"]),
      VerbSpec("alert-snooze", .core, arguments: ["id", "for", "user"]),
      VerbSpec("alert-resolve", .core, arguments: ["id", "user"]),
      VerbSpec("alert-confirm", .core, arguments: ["id", "user"]),
      VerbSpec("alert-mute", .core, arguments: ["id", "rule", "for", "user"]),
      VerbSpec("alert-rules", .core, isForReaders: true),
      VerbSpec("alert-figures", .core, isForReaders: true),
      VerbSpec("alert-reload", .write),
      VerbSpec("alert-sinks", .core, isForReaders: true),
      VerbSpec("alert-sink-test", .core, arguments: ["name"]),
      VerbSpec("alert-sink-remove", .write, arguments: ["name", "user"]),
      VerbSpec(
        "alert-sink-add", .write, secrets: 0...1,
        arguments: [
          "name", "kind", "url", "chat", "from", "to", "login", "plain", "least", "amounts", "user",
        ]),
      VerbSpec("breaks", .read, isForReaders: true, arguments: ["account"]),
      VerbSpec(
        "venue", .core, needsVault: false, isForReaders: true, arguments: ["venue", "account"]),
      VerbSpec("slots", .write, isForReaders: true),
      VerbSpec("add-slot", .write, secrets: 2...2, arguments: ["label", "user"]),
      VerbSpec("add-recovery", .write, secrets: 1...1, arguments: ["user"]),
      VerbSpec("remove-slot", .write, secrets: 1...1, arguments: ["slot", "user"]),
      VerbSpec("change-slot", .write, secrets: 2...2, arguments: ["user"]),
      VerbSpec("rotate", .write, secrets: 1...8, arguments: ["user"]),
      VerbSpec("audit-status", .write, isForReaders: true),
      VerbSpec("audit-verify", .write, isForReaders: true),
      VerbSpec("audit-export", .write, arguments: ["path", "replace"]),
      VerbSpec("check", .write, isForReaders: true),
    ].map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}

/// Names of boards: reports that a client is sent anew whenever they change, at most twice a second.
public enum Board {
  /// One row an account that is kept up to date, and one a place inside a protocol at which a wallet
  /// has something.
  ///
  /// Columns: `account`, `name`, `venue`, `state` (a word of `AccountState`), `fresh_at` (when its
  /// balances were last read, microseconds since 1970), `done_percent` of the history, `calls_left`,
  /// `eta_s`, `entries`, `rights`, `breaks`, `key_made_at`, `problem`, `advice`, `unseen`.
  /// Facts: `calls_asked`, `calls_sent`, `calls_saved`.
  public static let accounts = "accounts"
  /// One row a limit of a venue.
  ///
  /// Columns: `venue`, `limit`, `scope`, `used`, `capacity`, `free_at` (microseconds), `state`.
  /// Facts: `calls_asked`, `calls_sent`, `calls_from_cache`, `calls_shared`, `answers_unchanged`,
  /// `answers_kept`, `bytes_kept`.
  public static let limits = "limits"
  /// One row an asset that is held or watched: what it costs and how far that can be trusted.
  ///
  /// Columns: `asset`, `price`, `change_24h_percent`, `state`, `confidence`, `age_s`, `price_time`,
  /// `price_low`, `price_high`, `sources`, `left_out`, `reason` (a word of `PriceAbsence.Kind`),
  /// `until`, `source`, `identity`. Facts: `currency`, `as_of`, `assets`, `without_price`, `stale`,
  /// `disputed`.
  public static let prices = "prices"
  /// One row an asset that is to be worth one of a currency.
  ///
  /// Columns: `asset`, `peg`, `price`, `deviation_bp`, `off_since`, `confidence`, `price_time`,
  /// `identity`. Facts: `alarm_basis_points`.
  public static let pegs = "pegs"
  /// One row a difference between the ledger and what a venue reports.
  ///
  /// Columns: `account`, `asset`, `ledger`, `venue`, `difference`, `since`, `state`.
  public static let breaks = "breaks"
  /// One row an episode that detectors of anomalies saw, the latest first.
  ///
  /// Columns: `id`, `seen_at`, `began_at` (microseconds), `stage`, `kind`, `severity`, `asset`,
  /// `venue`, `account`, `saw`, `usual`, `rarity`, `agreeing`, `model`.
  /// Facts: `ready` (whether all was learned that is known), `streams`, `streams_refused`,
  /// `observations`, `left_out`, `held_back`, `confirmed`, `dismissed`, `models_promoted`, `drifts`,
  /// `curbs`.
  public static let anomalies = "anomalies"
  /// One row a feed of an account; the name is followed by `:` and the account.
  ///
  /// Columns: `feed`, `state`, `read_from`, `read_to`, `rows`, `next_at`, `problem`; of a wallet also
  /// `asset` and `quantity` of what lies in protocols.
  /// Facts: `feeds_known`, and `feeds_left_out` of them where there are too many to show.
  public static let feeds = "feeds:"

  /// One row an alert: those that are not over first, the worst of them first.
  ///
  /// Columns: `id`, `severity`, `state` (open, acknowledged, snoozed, resolved), `raised_at`,
  /// `subject`, `title`, `outside` (the title without amounts), `rule`, `figure`, `lines` (one a
  /// line, label and text parted by a tab, `!` before a line that tells an amount), `runbook`,
  /// `resolved_at`, `snoozed_at`, `blind` (why its figure cannot be relied on), `by`, `opinion`,
  /// `asset` (the identity of the position it is about, or nothing).
  /// Facts: `open`, `critical`, `unacknowledged`, `last` (the number of the last alert), `rules_on`,
  /// `rules_off`, `quiet`, `quiet_until`, `through`, `not_raised`, `problem`.
  public static let alerts = "alerts"
  /// What was earned in a period, whose word follows: `day`, `week`, `month`, `year`, `all`.
  ///
  /// One row a day, at most 400 of them: `day`, `value`, `gain`, `return_index` (1 at the beginning),
  /// `unpriced`, `benchmark_index` (of the days that both have a return), `drawdown` (the deepest of the
  /// days that the row stands for). Facts: `state` (`computing`, `ready`, `failed`), `done_percent`, `from`, `to`,
  /// `opening`, `value`, `inflow`, `outflow`, `gain`, its sources, the figures of `coffer performance`
  /// with `…_refused` where there is none, and how many days they rest on.
  public static let performance = "performance:"
  /// What each asset brought in a period, whose word follows as in `performance`.
  ///
  /// Columns: `asset`, `quantity`, `value`, `gain`, `price`, `trading`, `rewards`, `fees`, `funding`,
  /// `unrealised`, `cost`, `realised`, `lots`, `unknown_lots`, `unpriced`, `identity`, `average_cost`
  /// (of the lots whose cost is known). Facts: `state`, `done_percent`, `unrealised`, `realised`, `unknown_lots`, `unknown_disposals`.
  public static let gains = "gains:"

  /// One row a level of a market's order book; `book(_:_:levels:)` makes the name.
  ///
  /// Columns: `bid_amount`, `bid_price`, `ask_price`, `ask_amount`, best first; no row where the book
  /// is not whole. Facts: `venue`, `market`, `kind`, `base`, `quote`, `state` (a word of
  /// `BookState`), `heard`, `repairs`, `problem`. While a client looks at it the book is kept.
  public static let book = "book:"

  /// The board of a market's order book.
  public static func book(_ venue: String, _ market: String, levels: Int) -> String {
    "\(book)\(venue):\(levels):\(market)"
  }

  /// One row a loss figure, by method, confidence and horizon.
  ///
  /// Columns: `figure`, `method`, `confidence`, `horizon_days`, `share` of the net value, `value`,
  /// `shortfall_share`, `shortfall`, `sample`, `computed_at`, `note`, `refused` (why there is none).
  /// Facts: `currency`, `net`, `gross`, what the figures rest on and how spread the holdings are.
  public static let risk = "risk"
  /// The figures of `risk` that follow every tick, and no others: nothing is computed for it beside the
  /// loop, so that it can be looked at all the time.
  public static let riskLive = "risk-live"
  /// One row a holding: what it adds to the value at risk.
  ///
  /// Columns: `asset`, `name`, `value`, `weight`, `volatility` of a day, `marginal`, `component`,
  /// `component_share`, `incremental`, `source` and `days_to_sell`, nothing where no volume is known.
  public static let riskParts = "risk-parts"
  /// One row a thing that could happen: a crash of the past, correlation to one, a venue that stops.
  ///
  /// Columns: `name`, `title`, `share`, `value`, `by_beta` and `unknown` (shares of the holdings).
  public static let stress = "stress"
  /// One row a limit of risk.
  ///
  /// Columns: `limit`, `name`, `value`, `most`, `room`, `state`.
  public static let riskLimits = "risk-limits"
  /// One row a rule that was held against the past.
  ///
  /// Columns: `method`, `confidence`, `observations`, `exceptions`, `expected`, `coverage_p`,
  /// `independence_p`, `both_p`, `zone`.
  public static let backtests = "backtests"
  /// One row a thing that holdings hang on; the name is followed by `asset`, `venue`, `chain`,
  /// `issuer` or `sleeve`.
  ///
  /// Columns: `name`, `long`, `short`, `net`, `gross`, `share`. Facts: `hhi` and its kin.
  public static let exposure = "exposure:"
  /// Correlations, one row and one column an asset in an order that shows groups; the name is
  /// followed by the measure and the window: `spearman:90`.
  ///
  /// Columns: `asset`, `name`, then a column an asset. Facts: `method`, `window`, `sample`, `from`,
  /// `to`, `refused`.
  public static let heatmap = "heatmap:"
  /// Pairs whose correlation is no longer what it was; the name ends as a heat map's.
  ///
  /// Columns: `first`, `second`, `before`, `now`, `change`, `probability`. Facts: `alarm_rate`,
  /// `pairs`, `sample_before`, `sample_now`.
  public static let radar = "radar:"

  /// The newest lines of the engine's log, at most a hundred; the request `log` has the rest.
  ///
  /// Columns: `number`, `seen_at` (microseconds), `level` (info, warning, error), `place`, `text`,
  /// `details` (one a line, name and text parted by a tab), `revealing` (whether it may tell amounts).
  /// Facts: `first` and `last`, the numbers of the oldest and the newest line that are kept.
  public static let log = "log"

  /// The board of the feeds of an account.
  public static func feeds(of account: String) -> String { feeds + account }
}

/// How an order book stands.
public enum BookState: String, Hashable, Sendable, CaseIterable {
  /// It is whole, and the venue's stream keeps it so.
  case live
  /// It was fetched a few seconds ago; no stream tells of it.
  case polled
  /// It is being opened; nothing is known yet.
  case opening
  /// It was not whole and was thrown away; it is being got anew.
  case repair
  /// There is no such market, or too many books are looked at.
  case unknown
}

/// How an account stands, as boards word it.
public enum AccountState: String, Hashable, Sendable, CaseIterable {
  /// Streams are open and balances are fresh.
  case live
  /// Balances are fresh; asked for again and again.
  case polled
  /// Its history is being read.
  case syncing
  /// It waits for a limit or a pause to end.
  case waiting
  /// Balances are older than they should be.
  case stale
  /// Something must be done by hand: the key, for instance.
  case stopped
  /// The user stopped it.
  case paused
  /// The engine is off the network.
  case offline
  /// It is kept by hand or from files.
  case manual
}

extension Report {
  /// The place of a column, or `nil`.
  public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }

  /// A cell by row and column; `none` where there is no such cell.
  public func cell(_ row: Int, _ name: String) -> ReportCell {
    guard let column = column(name), rows.indices.contains(row),
      rows[row].indices.contains(column)
    else { return .none }
    return rows[row][column]
  }

  /// A cell's text; empty for anything else.
  public func text(_ row: Int, _ name: String) -> String {
    if case .text(let text) = cell(row, name) { return text }
    return ""
  }

  /// A cell's whole number; `nil` for anything else.
  public func integer(_ row: Int, _ name: String) -> Int64? {
    if case .integer(let number) = cell(row, name) { return number }
    return nil
  }
}

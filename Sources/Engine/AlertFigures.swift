import Alerts
import Amounts
import Ledger
import Portfolio
import Prices
import Risk
import Wire

/// What figures are made from: the state of the engine at one moment.
struct FigureView {
  /// The portfolio.
  let snapshot: Snapshot
  /// What an asset costs in US dollars, by all its sources.
  let dollars: (AssetID) -> Valuation?
  /// The board of accounts.
  let accounts: Report
  /// Open differences to what venues report, by account.
  let breaks: [AccountID: Int]
  /// How many refused rows wait.
  let refused: Int
  /// When a price last came from anywhere; `nil` where none is asked for.
  let lastQuote: Instant?
  /// Losses and concentrations as shares of the value, and the limits that are set.
  var risk: RiskView?
  /// The sinks, and since when each has something that it did not take.
  let sinks: [(name: String, since: Instant?)]
  /// The strikes that are due and could not be made; `nil` where none is made by itself.
  var heldStrikes: [StrikeDesk.Held]?
  /// The time.
  let now: Instant
}

/// What rules may say of risk.
struct RiskView: Sendable {
  /// Figures that can be limited, as shares of the value, with what they are the greatest of.
  let shares: [RiskLimits.Kind: (name: String, value: Double)]
  /// How the limits that are set are used.
  let limits: [LimitUse]
  /// How many returns figures of losses rest on.
  let sample: Int

  /// Reads a desk.
  init(_ desk: RiskDesk) {
    let lines = desk.exposureLines
    var shares: [RiskLimits.Kind: (name: String, value: Double)] = [:]
    for kind in RiskLimits.Kind.allCases {
      if let (name, value) = desk.used(kind, lines) { shares[kind] = (name, value) }
    }
    self.shares = shares
    limits = desk.limitUses(of: lines)
    sample = desk.model?.starts.count ?? 0
  }
}

/// One kind of figure that rules can name.
///
/// To add one, write a line in `all`: its names, what it says, and how it is made from the view.
struct FigureSource: Sendable {
  /// The figure's name, with words in capitals for what varies: `price:ASSET`.
  let name: String
  /// What it is and what it counts.
  let summary: String
  /// The observations of it.
  let observe: @Sendable (FigureView) -> [Observation]

  init(
    _ name: String, _ summary: String,
    _ observe: @escaping @Sendable (FigureView) -> [Observation]
  ) {
    self.name = name
    self.summary = summary
    self.observe = observe
  }

  /// Every figure that rules can name, in order of name.
  static let all: [FigureSource] = [
    FigureSource("account:ACCOUNT:age", "seconds since its balances were read") { $0.ages },
    FigureSource("account:ACCOUNT:breaks", "differences to what its venue says") {
      $0.accountBreaks
    },
    FigureSource("account:ACCOUNT:stopped", "1 where somebody must act before it is read") {
      $0.stopped
    },
    FigureSource("breaks", "differences between the ledger and venues") { $0.allBreaks },
    FigureSource("day_change", "change over 24 hours at today's quantities, in percent") {
      $0.dayChange
    },
    FigureSource("disputed_prices", "positions whose sources contradict each other") {
      [$0.count("disputed_prices", "disputed prices", $0.snapshot.totals.disputed)]
    },
    FigureSource("feed", "seconds since a price came from anywhere") { $0.feed },
    FigureSource("limit:KIND", "how much of a limit of risk is used, in percent") { $0.limits },
    FigureSource("nav", "the portfolio's value, in its currency") { $0.nav },
    FigureSource("peg:COIN", "how far a dollar coin is from one dollar, in percent") { $0.pegs },
    FigureSource("position:ASSET:value", "what a position is worth, in the portfolio's currency") {
      $0.values
    },
    FigureSource("position:ASSET:weight", "a position's part of the NAV, in percent") {
      $0.weights
    },
    FigureSource("price:ASSET", "what one unit costs, in the portfolio's currency") { $0.prices },
    FigureSource("refused_rows", "rows of imports that count nowhere") {
      [$0.count("refused_rows", "refused rows", $0.refused)]
    },
    FigureSource("risk:KIND", "var99, es99, asset, venue, issuer, chain: in percent of the value") {
      $0.risks
    },
    FigureSource("sink:NAME:waiting", "seconds the oldest message to a sink has waited") {
      $0.sinkWaits
    },
    FigureSource("stale_prices", "positions with a price that is too old") {
      [$0.count("stale_prices", "stale prices", $0.snapshot.totals.stale)]
    },
    FigureSource("strikes_held", "cut-offs whose strike is due and cannot be made") {
      $0.strikesHeld
    },
    FigureSource("unpriced", "positions without a price, which no sum contains") {
      [$0.count("unpriced", "positions without a price", $0.snapshot.totals.unpriced)]
    },
  ]

  /// The figures as they are that some rule may look at.
  static func observations(_ view: FigureView, for rules: [AlertRule]) -> [Observation] {
    var words: Set<Substring> = []
    for rule in rules where rule.isOn { words.insert(firstWord(of: rule.figure)) }
    let isAny = words.contains("*")
    return all.flatMap { source in
      isAny || words.contains(firstWord(of: source.name)) ? source.observe(view) : []
    }
  }

  private static func firstWord(of name: String) -> Substring { name.prefix { $0 != ":" } }
}

extension FigureView {
  fileprivate func count(_ name: String, _ subject: String, _ number: Int) -> Observation {
    Observation(
      name, subject: subject, value: Fixed(whole: Int64(number)), unit: .count, time: now)
  }

  private func seconds(since time: Instant) -> Fixed {
    Fixed(whole: max(0, (now.microseconds - time.microseconds) / 1_000_000))
  }

  // MARK: - The whole

  fileprivate var nav: [Observation] {
    let totals = snapshot.totals
    if snapshot.positions.isEmpty { return [] }
    let unpriced = snapshot.positions.filter { $0.value == nil && !$0.isFolded }.map(\.asset.text)
    let (quality, note) = quality(of: totals)
    return [
      Observation(
        "nav", subject: "NAV", value: totals.overflowed ? nil : totals.value,
        unit: .money(snapshot.currency.code), time: now, quality: quality, note: note,
        basis: ([snapshot.currency.code] + unpriced + totals.unread.map(\.slug))
          .joined(separator: " "))
    ]
  }

  /// A hundredth of the NAV may be old or disputed without the whole being so.
  private func quality(of totals: Totals) -> (Observation.Quality, String) {
    let disputed = snapshot.positions.filter { $0.state == .disputed }
    let disputedValue = disputed.compactMap(\.value).reduce(Fixed.zero) {
      (try? $0.adding($1)) ?? $0
    }
    if isMuch(disputedValue) { return (.disputed, "sources contradict each other on a part of it") }
    if isMuch(totals.staleValue) { return (.stale, "a part of it rests on stale prices") }
    if totals.unpriced > 0 {
      return (.partial, "without \(totals.unpriced) positions that have no price")
    }
    if !totals.unread.isEmpty {
      return (.partial, "without \(totals.unread.count) accounts that were not read yet")
    }
    return (.good, "")
  }

  private func isMuch(_ value: Fixed) -> Bool {
    guard let size = try? value.magnitude(), let whole = try? snapshot.totals.value.magnitude()
    else { return true }
    return size.units.magnitude > whole.units.magnitude / 100
  }

  fileprivate var dayChange: [Observation] {
    let totals = snapshot.totals
    guard totals.dayOpenValue > .zero,
      let gain = try? totals.dayValue.subtracting(totals.dayOpenValue)
    else { return [] }
    let part = percent(totals.dayValue, of: totals.value)
    let note = part.map { "over \(text($0)) % of the NAV" } ?? ""
    let (quality, why) = quality(of: totals)
    return [
      Observation(
        "day_change", subject: "NAV over 24 hours", value: percent(gain, of: totals.dayOpenValue),
        unit: .percent, time: now, quality: quality == .partial ? .good : quality,
        note: [note, why].filter { !$0.isEmpty }.joined(separator: "; "))
    ]
  }

  private func text(_ value: Fixed) -> String {
    ((try? value.rounded(toDigits: 1, rounding: .halfEven)) ?? value).text
  }

  private func percent(_ part: Fixed, of whole: Fixed) -> Fixed? {
    guard !whole.isZero, let base = try? whole.magnitude(),
      let hundred = try? part.multiplied(by: Fixed(whole: 100), rounding: .halfEven)
    else { return nil }
    return try? hundred.divided(by: base, rounding: .halfEven)
  }

  // MARK: - Risk

  fileprivate var risks: [Observation] {
    (risk?.shares ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, share in
      Observation(
        "risk:\(kind.rawValue)", subject: FigureView.title(kind, share.name),
        value: FigureView.percent(share.value), unit: .percent, time: now,
        note: FigureView.isLoss(kind) ? "by \(risk?.sample ?? 0) returns" : "")
    }
  }

  fileprivate var limits: [Observation] {
    (risk?.limits ?? []).map { use in
      Observation(
        "limit:\(use.kind.rawValue)", subject: "Limit of \(FigureView.title(use.kind, use.name))",
        value: use.limit > 0 ? FigureView.percent(use.value / use.limit) : nil, unit: .percent,
        time: now)
    }
  }

  private static func isLoss(_ kind: RiskLimits.Kind) -> Bool {
    kind == .valueAtRisk || kind == .shortfall
  }

  private static func title(_ kind: RiskLimits.Kind, _ name: String) -> String {
    switch kind {
    case .valueAtRisk: "Value at risk of a day at 99 %"
    case .shortfall: "Shortfall of a day at 99 %"
    case .concentration: "Concentration (HHI)"
    case .asset, .venue, .issuer, .chain: "The greatest \(kind.rawValue), \(name)"
    }
  }

  /// A share in percent, to four digits.
  private static func percent(_ share: Double) -> Fixed? {
    try? Fixed(parsing: FindingWords.decimal(share * 100, digits: 4))
  }

  // MARK: - Positions

  /// The positions with names of their own: the ticker, or the identity where two share one.
  private var named: [(word: String, title: String, position: Position)] {
    var counts: [String: Int] = [:]
    for position in snapshot.positions { counts[position.asset.ticker, default: 0] += 1 }
    return snapshot.positions.map { position in
      let ticker = position.asset.ticker
      let isAlone = counts[ticker] == 1
      return (
        isAlone ? ticker : position.asset.text,
        isAlone ? ticker : "\(ticker) (\(position.asset.origin))", position
      )
    }
  }

  private func quality(of position: Position) -> (Observation.Quality, String) {
    switch position.state {
    case .live: (.good, position.price.map { "by \($0.source)" } ?? "")
    case .stale: (.stale, position.price.map { "since \($0.time)" } ?? "")
    case .unknown: (.unknown, "no source prices it")
    case .disputed:
      (
        .disputed,
        position.price.map { "sources say \($0.low.fixed.text) to \($0.high.fixed.text)" } ?? ""
      )
    }
  }

  private func positions(
    _ kind: (String) -> String, _ subject: String, _ unit: Observation.Unit,
    _ value: (Position) -> Fixed?
  ) -> [Observation] {
    named.map { word, title, position in
      let (quality, note) = quality(of: position)
      let weight = position.value.flatMap { percent($0, of: snapshot.totals.value) }
      return Observation(
        kind(word), subject: "\(title) \(subject)", value: value(position), unit: unit,
        time: now, quality: quality, note: note, weight: weight.flatMap { try? $0.magnitude() },
        basis: snapshot.currency.code)
    }
  }

  fileprivate var prices: [Observation] {
    positions({ "price:\($0)" }, "price", .price(snapshot.currency.code)) {
      $0.price?.price.fixed
    }
  }

  fileprivate var values: [Observation] {
    positions({ "position:\($0):value" }, "value", .money(snapshot.currency.code)) { $0.value }
  }

  fileprivate var weights: [Observation] {
    positions({ "position:\($0):weight" }, "weight", .percent) { position in
      position.value.flatMap { percent($0, of: snapshot.totals.value) }
    }
  }

  fileprivate var pegs: [Observation] {
    named.compactMap { word, title, position in
      guard KnownAssets.dollarCoins.contains(position.asset.ticker) else { return nil }
      let valuation = dollars(position.asset)
      let isFresh = valuation.map { now <= $0.freshUntil } ?? false
      let off = valuation.flatMap { valuation -> Fixed? in
        let difference = try? valuation.price.fixed.subtracting(.one)
        return difference.flatMap { percent($0, of: .one) }
      }
      let isDisputed = valuation?.confidence == .disputed
      return Observation(
        "peg:\(word)", subject: "\(title) off its peg", value: off, unit: .percent, time: now,
        quality: isDisputed ? .disputed : isFresh ? .good : .stale,
        note: valuation.map { "\($0.price.fixed.text) USD by \($0.sourceText)" }
          ?? "no dollar price",
        weight: position.value.flatMap { percent($0, of: snapshot.totals.value) })
    }
  }

  // MARK: - Accounts, feeds and sinks

  /// The accounts that should be read: not those that rest by the holder's wish.
  private var followed: [Int] {
    accounts.rows.indices.filter { row in
      let state = AccountState(rawValue: accounts.text(row, "state"))
      return state != .paused && state != .offline && state != .manual && state != nil
    }
  }

  private func accountName(_ row: Int) -> String {
    let name = accounts.text(row, "name")
    return name.isEmpty ? accounts.text(row, "account") : name
  }

  private func problem(_ row: Int) -> String {
    [accounts.text(row, "problem"), accounts.text(row, "advice")].filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  fileprivate var ages: [Observation] {
    followed.compactMap { row in
      guard let time = accounts.integer(row, "fresh_at") else { return nil }
      return Observation(
        "account:\(accounts.text(row, "account")):age", subject: "Balances of \(accountName(row))",
        value: seconds(since: Instant(microseconds: time)), unit: .seconds, time: now,
        note: problem(row))
    }
  }

  fileprivate var stopped: [Observation] {
    followed.map { row in
      let isStopped = accounts.text(row, "state") == AccountState.stopped.rawValue
      return Observation(
        "account:\(accounts.text(row, "account")):stopped", subject: "\(accountName(row)) stopped",
        value: isStopped ? .one : .zero, unit: .count, time: now, note: problem(row))
    }
  }

  fileprivate var accountBreaks: [Observation] {
    breaks.keys.sorted().map { account in
      Observation(
        "account:\(account.slug):breaks", subject: "Breaks of \(account.slug)",
        value: Fixed(whole: Int64(breaks[account] ?? 0)), unit: .count, time: now)
    }
  }

  fileprivate var allBreaks: [Observation] {
    let open = breaks.filter { $0.value > 0 }.keys.sorted().map(\.slug)
    return [
      Observation(
        "breaks", subject: "Open breaks",
        value: Fixed(whole: Int64(breaks.values.reduce(0, +))), unit: .count, time: now,
        note: open.prefix(5).joined(separator: ", "))
    ]
  }

  fileprivate var strikesHeld: [Observation] {
    guard let held = heldStrikes else { return [] }
    let note = held.first.map { "of \($0.cutoff), since \($0.since): \($0.reason)" } ?? ""
    return [
      Observation(
        "strikes_held", subject: "Strikes that cannot be made",
        value: Fixed(whole: Int64(held.count)), unit: .count, time: now, note: note)
    ]
  }

  fileprivate var feed: [Observation] {
    guard let lastQuote else { return [] }
    return [
      Observation(
        "feed", subject: "The last price of all feeds came",
        value: seconds(since: lastQuote), unit: .seconds, time: now)
    ]
  }

  fileprivate var sinkWaits: [Observation] {
    sinks.map { name, since in
      Observation(
        "sink:\(name):waiting", subject: "Messages to \(name) wait",
        value: since.map { seconds(since: $0) } ?? .zero, unit: .seconds, time: now)
    }
  }
}

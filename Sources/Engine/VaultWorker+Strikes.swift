import Amounts
import Dispatch
import Encodings
import Imports
import Ledger
import Logging
import Prices
import Vault
import Wire
import Zones

/// What the whole was worth at a cut-off: frozen once, restated only as another version.
///
/// Prices are those of the last minute, hour or day that was over at the cut-off, the latest of them;
/// what is older than five minutes is stale, what is not known is flagged and counts nothing.
extension VaultWorker {
  /// From when on a price is old at a cut-off, in seconds.
  static let strikeFresh: Int64 = 300
  /// Above how many basis points of the sum open breaks prevent a strike.
  static let strikeBreaks: Int64 = 50

  /// The time of day of the cut-off.
  struct CutOff: Hashable, Sendable {
    var hour: Int
    var minute: Int
    var zone: String

    /// `16:00`.
    var clock: String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "\(two(hour)):\(two(minute))"
    }

    /// The cut-off of a day.
    ///
    /// Of a time that a clock shows twice on that day the first counts; one that it skips is the
    /// moment at which it is skipped.
    func instant(_ day: CivilTime, in zone: some LocalZone) -> Instant? {
      for shift in 0..<180 {
        let minutes = hour * 60 + minute + shift
        guard minutes < 1_440,
          let civil = CivilTime(
            year: day.year, month: day.month, day: day.day, hour: minutes / 60,
            minute: minutes % 60)
        else { return nil }
        if let first = zone.instants(showing: civil).first { return first }
      }
      return nil
    }
  }

  func cutOff() throws -> CutOff {
    let clock = try reader.setting("strike-time") ?? "00:00"
    let zone = try reader.setting("strike-zone") ?? "UTC"
    return try CutOff(clock, zone)
  }

  func setCutOff(_ request: Request) throws -> WorkResult {
    let author = request.author
    if request.arguments["off"] == "yes" {
      try vault.set(VaultWorker.sinceSetting, to: "off", by: author)
    } else {
      let made = try CutOff(try request.required("time"), try request.required("zone"))
      try vault.set("strike-time", to: made.clock, by: author)
      try vault.set("strike-zone", to: made.zone, by: author)
      try vault.set(VaultWorker.sinceSetting, to: author.time.description, by: author)
    }
    var shown = try showCutOff()
    shown.changes.strikePlan = try strikePlan()
    return shown
  }

  func showCutOff() throws -> WorkResult {
    let made = try cutOff()
    let plan = try strikePlan()
    let now = EngineLoop.now
    let next = SystemZone(made.zone).flatMap { made.next(after: now, in: $0) }
    return .report(
      Report(facts: [
        .init("time", .text(made.clock)), .init("zone", .text(made.zone)),
        .init("last", .text(try last(made, before: now).description)),
        .init("next", .text(next?.description ?? "")),
        .init("by_itself", .flag(plan.cutOff != nil)),
        .init("by_itself_since", .text(plan.since?.description ?? "")),
      ]))
  }

  /// The setting that says from when on strikes are made by themselves; `off` for by hand alone.
  private static let sinceSetting = "strike-since"
  /// How the engine signs strikes that it makes by itself.
  static let clockAuthor = "cut-off"

  /// When strikes are made by themselves: once a cut-off has been chosen.
  func strikePlan() throws -> StrikePlan {
    let reader = try reader
    guard try reader.setting("strike-time") != nil,
      let since = try reader.setting(VaultWorker.sinceSetting).flatMap({ Instant($0) })
    else { return StrikePlan() }
    return StrikePlan(
      cutOff: try cutOff(), since: since, struck: Set(try reader.strikes().map(\.cutoff)))
  }

  /// Makes the strike of a cut-off that has passed, unless there is one.
  func strike(_ cutoff: Instant) {
    writing.async { [self] in
      let author = Attribution(uid: 0, user: VaultWorker.clockAuthor, time: EngineLoop.now)
      do {
        if try reader.strikes(at: cutoff, limit: 1).isEmpty {
          var maker = StrikeMaker(
            cutoff: cutoff,
            currency: try reader.setting("currency").flatMap { Currency($0) } ?? .usDollar)
          maker.madeByItself = author.time
          try maker.value(try reader)
          guard maker.breakPoints <= VaultWorker.strikeBreaks else {
            log.warning(
              "open breaks prevent a strike",
              metadata: ["cutoff": "\(cutoff)", "basis-points": "\(maker.breakPoints)"])
            return inbox.post(.struck(cutoff, .heldUp(maker.tooManyBreaks)))
          }
          _ = try vault.strike(maker.strike(reason: ""), by: author)
        }
        inbox.post(.struck(cutoff, .made))
      } catch {
        log.warning("no strike was made", metadata: ["cutoff": "\(cutoff)", "fault": "\(error)"])
        inbox.post(.struck(cutoff, .failed("\(error)")))
      }
    }
  }

  /// The last cut-off that is not after a time.
  private func last(_ made: CutOff, before now: Instant) throws -> Instant {
    guard let zone = SystemZone(made.zone) else { throw CutOff.noZone(made.zone) }
    for back in 0...3 {
      let day = CivilTime(utc: now.advanced(bySeconds: Int64(1 - back) * 86_400))
      if let instant = made.instant(day, in: zone), instant <= now { return instant }
    }
    throw Refusal(.system, "no cut-off was found before \(now)")
  }

  /// The cut-off that is meant: none said, a day, or a moment.
  private func cutOff(of request: Request, at now: Instant) throws -> Instant {
    let made = try cutOff()
    guard let text = request.arguments["at"] else { return try last(made, before: now) }
    // `2024-01-05` alone is a day, whose cut-off is meant.
    if text.utf8.count > 10, let instant = Instant(text) { return instant }
    guard let midnight = Instant(text + "T00:00:00Z"), let zone = SystemZone(made.zone),
      let instant = made.instant(CivilTime(utc: midnight), in: zone)
    else {
      throw Refusal(
        .usage, "\(text.prefix(40)) is no day or time", advice: "For example: 2024-01-05")
    }
    return instant
  }

  func makeStrike(_ request: Request, _ reach: BooksReach) throws -> WorkResult {
    let now = EngineLoop.now
    let cutoff = try cutOff(of: request, at: now)
    guard cutoff <= now else { throw Refusal(.usage, "\(cutoff) is still to come") }
    let reader = try reader
    let reason = request.arguments["reason"] ?? ""
    let before = try reader.strikes(at: cutoff, limit: 1).first
    if let before, reason.isEmpty {
      throw Refusal(
        .usage, "there is a strike of \(cutoff), version \(before.version)",
        advice: "State it again with the reason: --reason")
    }
    var maker = StrikeMaker(
      cutoff: cutoff,
      currency: try reader.setting("currency").flatMap { Currency($0) } ?? .usDollar)
    if let unread = reach.reason(at: cutoff), request.arguments["accept-unread"] != "yes" {
      throw Refusal(
        .forbidden, unread,
        advice: "Wait until it is read: coffer account. Or insist, and the strike says so: "
          + "--accept-unread")
    }
    maker.unread = reach.short(of: cutoff)
    try maker.value(reader)
    let isHeldUp = maker.breakPoints > VaultWorker.strikeBreaks
    if isHeldUp, request.arguments["accept-breaks"] != "yes" {
      throw Refusal(
        .forbidden, maker.tooManyBreaks,
        advice: "Settle them: coffer breaks. Or insist: --accept-breaks")
    }
    let made = try vault.strike(maker.strike(reason: reason), by: request.author)
    var report = VaultWorker.report(of: made)
    if let before, let change = try? made.value.subtracting(before.value) {
      report.facts.append(.init("changed_by", .amount(change)))
    }
    return WorkResult(answer: .report(report), changes: LedgerChanges(struck: cutoff))
  }

  static let strikeColumns = [
    "cutoff", "version", "value", "currency", "low", "high", "made", "author", "reason",
    "content_sha256", "late_s", "state", "held_since", "next_try",
  ]

  /// The strikes, first those that are due and cannot be made.
  func strikesReport(held: [StrikeDesk.Held]) throws -> Report {
    Report(
      facts: [.init("held_up", .integer(Int64(held.count)))], tableName: "strikes",
      columns: VaultWorker.strikeColumns,
      rows: held.reversed().map { VaultWorker.row(of: $0) }
        + (try reader.strikes().map { one in
          [
            .text(one.cutoff.description), .integer(Int64(one.version)), .amount(one.value),
            .text(one.currency.code), .amount(one.low), .amount(one.high),
            .text(one.made.description), .text(one.author), .text(one.reason),
            .text(hexadecimal(one.contentHash)), VaultWorker.lateness(of: one), .text("frozen"),
            .none, .none,
          ]
        }))
  }

  /// A strike that cannot be made, in the list of strikes.
  static func row(of held: StrikeDesk.Held) -> [ReportCell] {
    [.text(held.cutoff.description)] + [ReportCell](repeating: .none, count: 7) + [
      .text(held.reason), .none, .none, .text(held.state), .text(held.since.description),
      .text(held.next.description),
    ]
  }

  /// How long after its cut-off a strike was made that should have been made at it; nothing for those in
  /// time, and for those made by hand.
  private static func lateness(of strike: NavStrike) -> ReportCell {
    let late = strike.made.seconds - strike.cutoff.seconds
    return strike.author == clockAuthor && late >= StrikeDesk.late ? .integer(late) : .none
  }

  func strikeReport(_ request: Request) throws -> Report {
    let cutoff = try cutOff(of: request, at: EngineLoop.now)
    let all = try reader.strikes(at: cutoff)
    let version = request.arguments["version"].map { Int($0) ?? 0 }
    guard let found = all.first(where: { version == nil || $0.version == version }) else {
      throw Refusal(.notFound, "there is no such strike of \(cutoff)", advice: "See: coffer strike")
    }
    return VaultWorker.report(of: found)
  }

  private static func report(of strike: NavStrike) -> Report {
    let columns = [
      "asset", "account", "quantity", "price", "value", "state", "price_time", "source", "sources",
      "identity",
    ]
    var rows: [[ReportCell]] = []
    var unread: [String] = []
    if let json = try? JSON.reading(strike.content), case .object(let content) = json {
      if case .array(let positions)? = content["positions"] {
        for case .object(let position) in positions {
          rows.append(columns.map { StrikeMaker.cell(position[$0], $0) })
        }
      }
      if case .array(let accounts)? = content["unread"] {
        for case .string(let account) in accounts { unread.append(account) }
      }
    }
    return Report(
      facts: [
        .init("cutoff", .text(strike.cutoff.description)),
        .init("version", .integer(Int64(strike.version))), .init("value", .amount(strike.value)),
        .init("currency", .text(strike.currency.code)), .init("low", .amount(strike.low)),
        .init("high", .amount(strike.high)), .init("made", .text(strike.made.description)),
        .init("author", .text(strike.author)), .init("late_s", lateness(of: strike)),
        .init("reason", .text(strike.reason)),
        .init("prices_sha256", .text(hexadecimal(strike.pricesHash))),
        .init("content_sha256", .text(hexadecimal(strike.contentHash))),
        .init("accounts_not_read", .text(unread.joined(separator: " "))),
        .init("unpriced", .integer(Int64(rows.count { $0[5].plain == "unpriced" }))),
        .init("stale", .integer(Int64(rows.count { $0[5].plain == "stale" }))),
      ], tableName: "positions", columns: columns, rows: rows)
  }
}

extension VaultWorker.CutOff {
  /// Reads a time of day and a zone.
  init(_ clock: String, _ zone: String) throws(Refusal) {
    let parts = clock.split(separator: ":")
    guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
      (0...23).contains(hour), (0...59).contains(minute)
    else {
      throw Refusal(.usage, "\(clock.prefix(40)) is no time of day", advice: "For example: 16:00")
    }
    guard SystemZone(zone) != nil else { throw VaultWorker.CutOff.noZone(zone) }
    self.init(hour: hour, minute: minute, zone: zone)
  }

  static func noZone(_ zone: String) -> Refusal {
    Refusal(
      .usage, "there is no time zone \(zone.prefix(40))", advice: "For example: America/New_York")
  }
}

/// Values everything at a cut-off.
struct StrikeMaker {
  let cutoff: Instant
  let currency: Currency
  /// When it is made, if the engine makes it by itself.
  var madeByItself: Instant?
  /// The accounts whose books do not reach the cut-off.
  var unread: [AccountID] = []
  private var rows: [JSON] = []
  private var prices: [JSON] = []
  private var breaks: [JSON] = []
  private var value = Fixed.zero
  private var low = Fixed.zero
  private var high = Fixed.zero
  private var breakValue = Fixed.zero

  init(cutoff: Instant, currency: Currency) {
    self.cutoff = cutoff
    self.currency = currency
  }

  /// What open breaks are worth, in ten-thousandths of the sum.
  var breakPoints: Int64 {
    guard !value.isZero, let magnitude = try? value.magnitude(),
      let part = try? breakValue.divided(by: magnitude, rounding: .halfEven)
    else { return breakValue.isZero ? 0 : .max }
    return Int64(clamping: part.units / (Fixed.scale / 10_000))
  }

  /// Why open breaks prevent it.
  var tooManyBreaks: String {
    if value.isZero { return "open breaks are worth \(breakValue.text), and the sum is nothing" }
    return "open breaks are \(breakPoints) basis points of the sum, more than "
      + "\(VaultWorker.strikeBreaks)"
  }

  /// A price at the cut-off.
  private struct Struck {
    let price: Price
    let low: Price
    let high: Price
    let time: Instant?
    let source: String
    let said: [String]
    let isStale: Bool
  }

  mutating func value(_ reader: VaultReader) throws {
    let links = reader.links
    let quantities = try reader.quantities(at: cutoff)
    let assets = Set(quantities.keys.map { links.canonical($0.asset) })
    let struck = try self.struck(assets, reader)
    for asset in struck.keys.sorted() {
      if let one = struck[asset] { prices.append(row(asset, one)) }
    }
    let sorted = quantities.sorted {
      ($0.key.account, $0.key.asset) < ($1.key.account, $1.key.asset)
    }
    for (key, quantity) in sorted {
      try add(key, quantity, struck[links.canonical(key.asset)])
    }
    for one in try reader.breaks() where one.state == "open" && one.since <= cutoff {
      try add(one, struck[links.canonical(one.asset)])
    }
  }

  private func struck(_ assets: Set<AssetID>, _ reader: VaultReader) throws -> [AssetID: Struck] {
    let bars = try reader.barPrices(of: assets, in: currency, at: cutoff)
    let stated = try reader.priceStatements().filter {
      $0.state == .approved && $0.currency == currency && ($0.decided ?? $0.time) <= cutoff
        && $0.expires > cutoff
    }
    let traded = try reader.quotes().filter {
      $0.source == .ownTrade && $0.currency == currency && $0.time <= cutoff
    }
    var struck: [AssetID: Struck] = [:]
    for asset in assets {
      let bar = bars[asset].map { bar in
        Struck(
          price: bar.price, low: bar.low, high: bar.high, time: bar.time, source: bar.source,
          said: bar.said,
          isStale: cutoff.seconds - bar.time.seconds > VaultWorker.strikeFresh)
      }
      let own = stated.first { $0.asset == asset }.map { one in
        Struck(
          price: one.price, low: one.price, high: one.price, time: one.time,
          source: "stated by \(one.author)", said: ["price \(one.id)"], isStale: false)
      }
      let trade = traded.first { $0.asset == asset }.map { one in
        Struck(
          price: one.price, low: one.price, high: one.price, time: one.time, source: "own-trade",
          said: [], isStale: true)
      }
      if asset == QuoteBoard.asset(of: currency) {
        struck[asset] = Struck(
          price: Price(.one), low: Price(.one), high: Price(.one), time: nil,
          source: "the currency itself", said: [], isStale: false)
      } else if let bar, !bar.isStale {
        struck[asset] = bar
      } else {
        struck[asset] = own ?? bar ?? trade
      }
    }
    return struck
  }

  private mutating func add(
    _ key: HoldingKey, _ quantity: Quantity, _ struck: Struck?
  ) throws {
    var members: [(String, JSON)] = [
      ("account", .string(key.account.slug)), ("asset", .string(key.asset.ticker)),
      ("identity", .string(key.asset.text)), ("quantity", .string(quantity.text)),
    ]
    if let struck {
      let worth = try quantity.fixed.multiplied(by: struck.price.fixed, rounding: .halfEven)
      let one = try quantity.fixed.multiplied(by: struck.low.fixed, rounding: .halfEven)
      let other = try quantity.fixed.multiplied(by: struck.high.fixed, rounding: .halfEven)
      value = try value.adding(worth)
      low = try low.adding(min(one, other))
      high = try high.adding(max(one, other))
      members += [
        ("price", .string(struck.price.text)), ("value", .string(worth.text)),
        ("state", .string(struck.isStale ? "stale" : "live")),
        ("price_time", .string(struck.time?.description ?? "")),
        ("source", .string(struck.source)),
        ("sources", .string(struck.said.joined(separator: "; "))),
      ]
    } else {
      members.append(("state", .string("unpriced")))
    }
    rows.append(.object(JSONObject(members)))
  }

  private mutating func add(_ one: BreakRecord, _ struck: Struck?) throws {
    let difference = try Quantity(parsing: one.reported).subtracting(
      Quantity(parsing: one.expected))
    var members: [(String, JSON)] = [
      ("account", .string(one.account.slug)), ("identity", .string(one.asset.text)),
      ("difference", .string(difference.text)), ("since", .string(one.since.description)),
    ]
    if let struck {
      let worth = try difference.fixed.multiplied(by: struck.price.fixed, rounding: .halfEven)
      if worth.isNegative { low = try low.adding(worth) } else { high = try high.adding(worth) }
      breakValue = try breakValue.adding(try worth.magnitude())
      members.append(("value", .string(worth.text)))
    }
    breaks.append(.object(JSONObject(members)))
  }

  private func row(_ asset: AssetID, _ struck: Struck) -> JSON {
    .object(
      JSONObject([
        ("identity", .string(asset.text)), ("price", .string(struck.price.text)),
        ("time", .string(struck.time?.description ?? "")), ("source", .string(struck.source)),
        ("sources", .string(struck.said.joined(separator: "; "))),
      ]))
  }

  /// All of it, in one canonical text.
  func strike(reason: String) -> NewNavStrike {
    var members: [(String, JSON)] = [
      ("cutoff", .string(cutoff.description)), ("currency", .string(currency.code)),
      ("reason", .string(reason)), ("value", .string(value.text)),
      ("low", .string(low.text)), ("high", .string(high.text)),
      ("break_value", .string(breakValue.text)), ("breaks", .array(breaks)),
      ("prices", .array(prices)), ("positions", .array(rows)),
    ]
    if !unread.isEmpty {
      members.append(("unread", .array(unread.map { .string($0.slug) })))
    }
    if let made = madeByItself {
      let late = made.seconds - cutoff.seconds
      members.append(("made_by", .string(VaultWorker.clockAuthor)))
      members.append(("late", .string(late >= StrikeDesk.late ? "\(late) s" : "no")))
    }
    let content = JSON.object(JSONObject(members))
    return NewNavStrike(
      cutoff: cutoff, reason: reason, currency: currency, value: value, range: (low, high),
      content: content.text, prices: JSON.array(prices).text)
  }

  /// A member of a frozen position as a cell.
  static func cell(_ json: JSON?, _ name: String) -> ReportCell {
    guard case .string(let text)? = json else { return .none }
    if ["quantity", "price", "value"].contains(name), let amount = try? Fixed(parsing: text) {
      return .amount(amount)
    }
    return .text(text)
  }
}

import Amounts
import ArgumentParser
import Ledger
import Link
import Portfolio
import Prices
import Wire

/// Lists the positions.
struct Positions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "positions",
    abstract: "List what is held and what it is worth.")

  @OptionGroup var options: EngineCommandOptions
  @Option(help: "Only what lies in this book.")
  var book: String?
  @Option(help: "Only what lies in this account, a wallet's parts in protocols included.")
  var account: String?
  @Flag(help: "One row an account: with its venue or protocol, and what kind of claim it is.")
  var byAccount = false
  @Option(help: "As it was at the end of this day, UTC, at the closes of that day: 2026-10-31.")
  var asOf: String?

  mutating func run() throws {
    if let asOf {
      guard book == nil, account == nil, !byAccount else {
        throw ValidationError("--as-of is of everything together.")
      }
      return try options.answer(Request("past-positions", ["as-of": asOf]))
    }
    let connection = try options.connectUnlocked()
    do {
      guard case .snapshot(let snapshot) = try connection.snapshot() else { return }
      let followed = try connection.ask(Request("connections"))
      let stale = PositionReport.staleAccounts(followed)
      var report =
        byAccount
        ? PositionReport.parts(snapshot, stale: stale, book: book, account: account)
        : PositionReport.make(snapshot, stale: stale, book: book, account: account)
      report.facts.append(
        .init("accounts_being_read", .integer(Int64(PositionReport.unreadAccounts(followed)))))
      options.show(report)
    } catch { throw CommandFailure(any: error) }
  }
}

/// Positions as a report.
enum PositionReport {
  /// The accounts whose amounts are older than they should be: a protocol that does not answer.
  static func staleAccounts(_ followed: Report) -> Set<AccountID> {
    Set(
      followed.rows.indices.filter { row in
        followed.text(row, "state") == AccountState.stale.rawValue
      }.map { AccountID(named: followed.text($0, "account")) })
  }

  /// How many accounts have a history that is not read yet: amounts there are the venue's word.
  static func unreadAccounts(_ followed: Report) -> Int {
    followed.rows.indices.count { followed.integer($0, "done_percent").map { $0 < 100 } ?? false }
  }

  private static func wanted(
    _ snapshot: Snapshot, book: String?, account: String?
  ) -> [AccountID: Account] {
    let wallet = account.map { AccountID(named: $0) }
    var wanted: [AccountID: Account] = [:]
    for one in snapshot.accounts where book == nil || one.book.name == book {
      let isPart = one.claim.map { claim in
        wallet.map { AccountID(ClaimPlace(venue: one.venue, claim: claim), of: $0) } == one.id
      }
      if wallet == nil || one.id == wallet || isPart == true { wanted[one.id] = one }
    }
    return wanted
  }

  /// The accounts that were never read to the end; nothing where there are none.
  private static func unreadFacts(
    _ snapshot: Snapshot, _ wanted: [AccountID: Account]
  ) -> [Report.Fact] {
    let unread = snapshot.totals.unread.filter { wanted[$0] != nil }
    if unread.isEmpty { return [] }
    return [
      .init("accounts_never_read", .integer(Int64(unread.count))),
      .init(
        "incomplete", .text("never read to the end: " + unread.map(\.slug).joined(separator: ", "))),
    ]
  }

  /// An account that was never read: what it has is not known.
  private static func unreadRow(_ account: Account) -> [ReportCell] {
    [
      .text(account.id.slug), .text(account.venue), .text(account.claim?.rawValue ?? ""),
      .text(""), .none, .none, .none, .text("unread"), .text(""),
    ]
  }

  /// One row an asset and account.
  static func parts(
    _ snapshot: Snapshot, stale: Set<AccountID>, book: String?, account: String?
  ) -> Report {
    let wanted = wanted(snapshot, book: book, account: account)
    var rows: [(AccountID, [ReportCell])] = []
    for position in snapshot.positions {
      for share in position.shares {
        guard let owner = wanted[share.account] else { continue }
        let state = FigureState.of(
          share.value, position, isOld: stale.contains(share.account))
        rows.append(
          (
            share.account,
            [
              .text(owner.id.slug), .text(owner.venue), .text(owner.claim?.rawValue ?? ""),
              .text(position.asset.ticker), .amount(share.quantity.fixed),
              .amount(share.staked.fixed), share.value.map { .amount($0) } ?? .none,
              .text(state.text),
              .text(position.asset.text),
            ]
          ))
      }
    }
    for id in snapshot.totals.unread {
      guard let owner = wanted[id], !rows.contains(where: { $0.0 == id }) else { continue }
      rows.append((id, unreadRow(owner)))
    }
    return Report(
      facts: [
        .init("currency", .text(snapshot.currency.code)),
        .init("as_of", .text(snapshot.time.description)),
      ] + unreadFacts(snapshot, wanted), tableName: "positions",
      columns: [
        "account", "venue", "kind", "asset", "quantity", "staked", "value", "state", "identity",
      ],
      rows: rows.sorted { $0.0 < $1.0 }.map(\.1))
  }

  static func make(
    _ snapshot: Snapshot, stale staleAccounts: Set<AccountID>, book: String?, account: String?
  ) -> Report {
    let wanted = wanted(snapshot, book: book, account: account)
    var sum = Fixed.zero
    var unpriced: Int64 = 0
    var stale: Int64 = 0
    var disputed: Int64 = 0
    var folded: Int64 = 0
    let rows = snapshot.positions.compactMap { position -> (Fixed?, [ReportCell])? in
      let shares = position.shares.filter { wanted[$0.account] != nil }
      if shares.isEmpty { return nil }
      let isOld = shares.contains { staleAccounts.contains($0.account) }
      let part = Part(position, shares, isOld: isOld)
      if position.isFolded {
        folded += 1
        return (nil, part.cells)
      }
      if let value = part.value, let next = try? sum.adding(value) { sum = next }
      switch part.state {
      case .live: break
      case .stale: stale += 1
      case .unknown: unpriced += 1
      case .disputed: disputed += 1
      }
      return (part.value, part.cells)
    }
    let sorted = rows.sorted { ($0.0 ?? Fixed(units: .min)) > ($1.0 ?? Fixed(units: .min)) }
    let unread = unreadFacts(snapshot, wanted)
    // Nothing that is known is not zero.
    let isUnknown = (unpriced > 0 || !unread.isEmpty) && !rows.contains { $0.0 != nil }
    let value: ReportCell = isUnknown ? .none : .amount(sum)
    return Report(
      facts: [
        .init("value", value), .init("currency", .text(snapshot.currency.code)),
        .init("as_of", .text(snapshot.time.description)),
        .init("unpriced_positions", .integer(unpriced)),
        .init("stale_positions", .integer(stale)),
        .init("disputed_positions", .integer(disputed)),
        .init("folded_positions", .integer(folded)),
      ] + unread,
      tableName: "positions",
      columns: [
        "asset", "quantity", "staked", "price", "value", "state", "price_low", "price_high",
        "confidence", "price_time", "price_source", "change_24h_percent", "change_24h_source",
        "identity",
      ], rows: sorted.map(\.1))
  }

  /// What some accounts have of a position.
  private struct Part {
    let value: Fixed?
    let state: FigureState
    let cells: [ReportCell]

    init(_ position: Position, _ shares: [AccountShare], isOld: Bool) {
      let quantity = shares.reduce(Fixed.zero) { (try? $0.adding($1.quantity.fixed)) ?? $0 }
      let staked = shares.reduce(Fixed.zero) { (try? $0.adding($1.staked.fixed)) ?? $0 }
      let price = position.price
      value =
        position.isFolded
        ? nil
        : price.flatMap { try? quantity.multiplied(by: $0.price.fixed, rounding: .halfEven) }
      state = FigureState.of(value, position, isOld: isOld)
      let time = price.flatMap { $0.time.microseconds == .max ? nil : $0.time.description }
      cells = [
        .text(position.asset.ticker), .amount(quantity), .amount(staked),
        price.map { .amount($0.price.fixed) } ?? .none, value.map { .amount($0) } ?? .none,
        .text(position.isFolded ? "folded" : state.text),
        price.map { .amount($0.low.fixed) } ?? .none,
        price.map { .amount($0.high.fixed) } ?? .none,
        price.map { .text($0.confidence.text) } ?? .none, time.map { .text($0) } ?? .none,
        .text(price?.source ?? ""), Part.dayChange(position).map { .amount($0) } ?? .none,
        .text(position.dayBasis?.text ?? ""), .text(position.asset.text),
      ]
    }

    /// By how many percent a price is above that of 24 hours ago.
    private static func dayChange(_ position: Position) -> Fixed? {
      guard let value = position.value, let open = position.dayOpenValue, !open.isZero,
        let base = try? open.magnitude(), let gap = try? value.subtracting(open),
        let hundred = try? gap.multiplied(by: Fixed(whole: 100), rounding: .halfEven),
        let percent = try? hundred.divided(by: base, rounding: .halfEven)
      else { return nil }
      return try? percent.rounded(toDigits: 2, rounding: .halfEven)
    }
  }
}

extension FigureState {
  /// How far what some accounts have of a position can be trusted.
  ///
  /// - Parameters:
  ///   - value: What it is worth, where known.
  ///   - position: All that is held of the asset.
  ///   - isOld: Whether the quantity itself was read too long ago.
  /// - Returns: The state; what is disputed stays so.
  fileprivate static func of(_ value: Fixed?, _ position: Position, isOld: Bool) -> FigureState {
    if value == nil { return .unknown }
    return isOld && position.state == .live ? .stale : position.state
  }
}

/// Lists entries.
struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "List entries, newest first.")

  @OptionGroup var options: EngineCommandOptions
  @Option(help: "Only this asset: a code or an identity.")
  var asset: String?
  @Option(help: "Only this account.")
  var account: String?
  @Option(help: "Only entries in which this text stands.")
  var text: String?
  @Option(help: "How many.")
  var limit = 50
  @Option(help: "How many of the newest to pass over.")
  var offset = 0

  mutating func validate() throws {
    if limit < 1 || limit > LedgerQuery.mostRows {
      throw ValidationError("--limit lies between 1 and \(LedgerQuery.mostRows).")
    }
  }

  mutating func run() throws {
    let connection = try options.connectUnlocked()
    let query = LedgerQuery(
      asset: try asset.map { try AssetArgument.read($0, connection) },
      account: account.map { AccountID(named: $0) },
      text: text ?? "", offset: offset, limit: limit)
    do {
      options.show(LedgerReport.make(try connection.page(query)))
    } catch { throw CommandFailure(any: error) }
  }
}

/// An asset as typed by the user.
enum AssetArgument {
  /// An identity as it stands, else the one position of that ticker.
  static func read(_ text: String, _ connection: EngineConnection) throws -> AssetID {
    if let asset = AssetID(text) { return asset }
    do {
      guard case .snapshot(let snapshot) = try connection.snapshot() else {
        throw Refusal(.system, "the engine sent no positions")
      }
      let found = snapshot.positions.map(\.asset).filter { $0.ticker == text.uppercased() }
      if found.count == 1 { return found[0] }
      let all = found.map(\.text).joined(separator: ", ")
      throw Refusal(
        found.isEmpty ? .notFound : .usage,
        found.isEmpty ? "no position is called \(text)" : "\(text) means \(all)",
        advice: "Give an identity, as coffer positions shows them.")
    } catch { throw CommandFailure(any: error) }
  }
}

/// Entries as a report.
enum LedgerReport {
  static func make(_ page: LedgerPage) -> Report {
    Report(
      facts: [
        .init("total", .integer(Int64(page.total))),
        .init("offset", .integer(Int64(page.query.offset))),
      ],
      tableName: "entries",
      columns: ["time", "kind", "account", "moves", "note", "import", "line", "id"],
      rows: page.entries.map { entry in
        [
          .text(entry.time.description), .text(entry.kind.rawValue),
          .text(accounts(of: entry)), .text(moves(of: entry)), .text(entry.details.note),
          .integer(entry.origin.importNumber), .integer(Int64(entry.origin.line)),
          .text(entry.id.description),
        ]
      })
  }

  private static func accounts(of entry: Entry) -> String {
    var slugs: [String] = []
    for leg in entry.legs where !slugs.contains(leg.account.slug) { slugs.append(leg.account.slug) }
    return slugs.joined(separator: " → ")
  }

  private static func moves(of entry: Entry) -> String {
    entry.legs.map { leg in
      let sign = leg.quantity.isNegative ? "" : "+"
      let fee = leg.counter == .fees ? " fee" : ""
      return "\(sign)\(leg.quantity.text) \(leg.asset.ticker)\(fee)"
    }.joined(separator: ", ")
  }
}

/// Accounts and their books.
struct AccountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Follow accounts, list them, rename them, put them into books.",
    subcommands: [
      List.self, AddAccount.self, AccountStatusCommand.self, RekeyAccount.self,
      RequeryAccount.self, PauseAccount.self, ResumeAccount.self, RemoveAccount.self, Rename.self,
      Book.self,
    ], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the accounts.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("accounts")) }
  }

  /// Renames one.
  struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rename", abstract: "Give an account another name.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The account.") var account: String
    @Argument(help: "Its new name.") var name: String
    mutating func run() throws {
      try options.answer(
        Request("rename-account", ["account": account, "name": name, "user": userName]))
    }
  }

  /// Puts one into a book.
  struct Book: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "book",
      abstract: "Put an account into a book (sleeve), which is made if need be.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The account.") var account: String
    @Argument(help: "The book.") var book: String
    mutating func run() throws {
      try options.answer(
        Request("set-book", ["account": account, "book": book, "user": userName]))
    }
  }
}

/// What assets are.
struct AssetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asset",
    abstract: "Say which recorded assets are the same thing, and which to trust.",
    subcommands: [
      List.self, LinkAsset.self, Unlink.self, Trust.self, Ignore.self, Reset.self,
    ], defaultSubcommand: List.self)

  /// Lists the links.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the links you made.")
    @OptionGroup var options: EngineCommandOptions
    @Flag(help: "What is suspect, trusted or ignored instead, with the reasons.")
    var suspect = false
    mutating func run() throws { try options.answer(Request(suspect ? "suspects" : "links")) }
  }

  /// Trusts an asset.
  struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "trust",
      abstract: "Show and count an asset, whatever speaks against it.")
    @OptionGroup var asset: JudgedAsset
    mutating func run() throws { try asset.judge("trust") }
  }

  /// Ignores an asset.
  struct Ignore: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ignore",
      abstract: "Fold an asset away; it is in no sum, whatever it costs.")
    @OptionGroup var asset: JudgedAsset
    mutating func run() throws { try asset.judge("ignore") }
  }

  /// Forgets what was said.
  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reset",
      abstract: "Take back what was said of an asset: the rules judge it.")
    @OptionGroup var asset: JudgedAsset
    mutating func run() throws { try asset.judge("reset") }
  }

  /// Makes one.
  struct LinkAsset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "link", abstract: "Count one asset as another.",
      discussion: "For example: coffer asset link venue:kraken:FLR venue:binance:FLR")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The recorded asset's identity, as positions shows it.") var asset: String
    @Argument(help: "The identity it is to count as.") var canonical: String
    mutating func run() throws {
      try options.answer(
        Request("link-asset", ["asset": asset, "canonical": canonical, "user": userName]))
    }
  }

  /// Takes one back.
  struct Unlink: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "unlink", abstract: "Take a link back.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The recorded asset's identity.") var asset: String
    mutating func run() throws {
      try options.answer(Request("unlink-asset", ["asset": asset, "user": userName]))
    }
  }
}

/// The asset of which is said what is thought of it.
struct JudgedAsset: ParsableArguments {
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The asset: a code or an identity.") var asset: String

  fileprivate func judge(_ word: String) throws {
    try options.answer(Request("judge-asset", ["asset": asset, "word": word, "user": userName]))
  }
}

/// The currency of figures.
struct CurrencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "currency", abstract: "Choose the currency that figures are shown in.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "Its code: USD, EUR, BTC.") var currency: String
  mutating func run() throws {
    try options.answer(Request("set-currency", ["currency": currency, "user": userName]))
  }
}

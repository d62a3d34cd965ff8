import Amounts
import Ledger
import Prices
import Risk
import Vault
import VenueKit
import Venues
import Wire

/// What the user says about accounts, assets, prices and the currency.
extension VaultWorker {
  func setBook(_ request: Request) throws -> WorkResult {
    let account = try knownAccount(try request.required("account"))
    var changed = account
    changed.book = BookID(try request.required("book"))
    try vault.change(changed, by: request.author)
    return try changedAccount(account.id)
  }

  func renameAccount(_ request: Request) throws -> WorkResult {
    let account = try knownAccount(try request.required("account"))
    var changed = account
    changed.name = try request.required("name")
    try vault.change(changed, by: request.author)
    return try changedAccount(account.id)
  }

  private func changedAccount(_ id: AccountID) throws -> WorkResult {
    let account = try knownAccount(id.slug)
    return WorkResult(
      answer: .report(
        Report(facts: [
          .init("account", .text(account.id.slug)), .init("name", .text(account.name)),
          .init("book", .text(account.book.name)),
        ])), changes: LedgerChanges(accounts: [account]))
  }

  /// The account of a slug or a name.
  func knownAccount(_ name: String) throws -> Account {
    let accounts = try reader.accounts
    guard
      let found = accounts.first(where: { $0.id == AccountID(named: name) || $0.name == name })
    else { throw Refusal(.notFound, "there is no account \(name)", advice: "See: coffer account") }
    return found
  }

  func setCurrency(_ request: Request) throws -> WorkResult {
    let text = try request.required("currency")
    guard let currency = Currency(text) else {
      throw Refusal(.usage, "\(text) is no currency code", advice: "For example: EUR")
    }
    try vault.set("currency", to: currency.code, by: request.author)
    return WorkResult(
      answer: .report(Report(facts: [.init("currency", .text(currency.code))])),
      changes: LedgerChanges(currency: currency))
  }

  /// The venues asked for prices without an account there where the user said nothing: each tells
  /// all its prices in one open call.
  static let defaultPriceVenues = ["kraken", "bitstamp", "okx"]
  /// The most venues to ask for prices.
  static let mostPriceVenues = 16

  /// The venues that are asked for prices without an account there.
  func priceVenues() throws -> [String] {
    guard let text = try reader.setting("price-venues") else {
      return VaultWorker.defaultPriceVenues
    }
    return text.split(separator: ",").map(String.init)
  }

  func setPriceVenues(_ request: Request) throws -> WorkResult {
    let words = (request.arguments["venues"] ?? "").split(separator: ",").map(String.init)
    guard words.count <= VaultWorker.mostPriceVenues else {
      throw Refusal(.usage, "at most \(VaultWorker.mostPriceVenues) venues are asked for prices")
    }
    for word in words where !VaultWorker.tellsPrices(word) {
      throw Refusal(
        .notFound, "there is no venue \(word.prefix(40)) that tells all prices to anybody at once",
        advice: "Run: coffer venues")
    }
    try vault.set("price-venues", to: words.joined(separator: ","), by: request.author)
    return WorkResult(
      answer: .report(VaultWorker.report(ofPriceVenues: words)),
      changes: LedgerChanges(priceVenues: words))
  }

  /// The limits of risk that the owner set.
  func riskLimits() throws -> RiskLimits {
    RiskLimits(try reader.setting("risk-limits") ?? "") ?? RiskLimits()
  }

  func setRiskLimits(_ request: Request) throws -> WorkResult {
    let text = request.arguments["limits"] ?? ""
    guard let limits = RiskLimits(text) else {
      throw Refusal(
        .usage, "\(text.prefix(80)) are no limits", advice: "For example: var99=5%,asset=40%")
    }
    try vault.set("risk-limits", to: limits.text, by: request.author)
    return WorkResult(
      answer: .report(Report(facts: [.init("limits", .text(limits.text))])),
      changes: LedgerChanges(riskLimits: limits))
  }

  /// How far open positions are from the price at which their venue closes them.
  func listLiquidation() throws -> WorkResult {
    .report(LiquidationReport.make(try reader.reportedPositions()))
  }

  func listPriceVenues() throws -> WorkResult {
    .report(VaultWorker.report(ofPriceVenues: try priceVenues()))
  }

  private static func report(ofPriceVenues words: [String]) -> Report {
    Report(
      facts: [], tableName: "venues", columns: ["venue"], rows: words.map { [.text($0)] })
  }

  /// Whether one open call gives a venue's prices; asking market by market would be a burden on it.
  static func tellsPrices(_ word: String) -> Bool {
    guard let venue = Venue.named(word) else { return false }
    return venue.feeds.tickers.contains { feed in
      let calls = (try? feed.calls(Ask(now: EngineLoop.now))) ?? []
      return calls.count == 1 && calls.allSatisfy { venue.isOpen($0) }
    }
  }

  func linkAsset(_ request: Request) throws -> WorkResult {
    let asset = try identity(try request.required("asset"))
    let canonical = try identity(try request.required("canonical"))
    _ = try vault.link(asset, to: canonical, by: request.author)
    return try changedLinks()
  }

  func unlinkAsset(_ request: Request) throws -> WorkResult {
    let asset = try identity(try request.required("asset"))
    _ = try vault.unlink(asset, by: request.author)
    return try changedLinks()
  }

  private func changedLinks() throws -> WorkResult {
    WorkResult(
      answer: .report(try linksReport()),
      changes: LedgerChanges(links: try reader.links, quotes: try reader.quotes()))
  }

  private func identity(_ text: String) throws(Refusal) -> AssetID {
    guard let asset = AssetID(text) else {
      throw Refusal(
        .usage, "\(text) is no identity of an asset",
        advice: "For example venue:kraken:FLR; coffer positions shows them.")
    }
    return asset
  }

  /// An asset as typed that is priced: its identity, a well-known code, or a code that only one
  /// held asset has.
  func held(_ text: String) throws -> AssetID {
    let links = try reader.links
    if let asset = AssetID(text) { return links.canonical(asset) }
    let code = text.uppercased()
    let typed = AssetID.venue(venue: "user", code: code)
    if links.canonical(typed) != typed { return links.canonical(typed) }
    let found = Set(try reader.assets.map { links.canonical($0) }.filter { $0.ticker == code })
    switch found.count {
    case 1: return found.first ?? typed
    case 0:
      throw Refusal(
        .notFound, "nothing that you hold is called \(text)",
        advice: "Give an identity, as coffer positions shows them.")
    default:
      let all = found.map(\.text).sorted().joined(separator: ", ")
      throw Refusal(
        .usage, "\(text) means more than one asset: \(all)",
        advice: "Give the identity, or say that they are the same: coffer asset link")
    }
  }

  /// An asset as typed that is booked by hand: its identity, or a code of the user's own.
  private func booked(_ text: String) throws -> AssetID {
    if let asset = AssetID(text) { return asset }
    let typed = AssetID.venue(venue: "user", code: text.uppercased())
    return try reader.links.canonical(typed)
  }

  func adjust(_ request: Request) throws -> WorkResult {
    let name = try request.required("account")
    let text = try request.required("quantity")
    let quantity: Quantity
    do { quantity = try Quantity(parsing: text) } catch {
      throw Refusal(.usage, "\(text) is no quantity: \(error)")
    }
    if quantity.isZero { throw Refusal(.usage, "a correction of nothing is none") }
    let asset = try booked(try request.required("asset"))
    let time = try request.arguments["time"].map { try instant($0) } ?? EngineLoop.now
    let kind: EntryKind = request.arguments["kind"] == "opening" ? .opening : .adjustment
    let account = Account(id: AccountID(named: name), name: name, venue: "manual")
    let legs = [Leg(account: account.id, asset: asset, quantity: quantity, counter: .equity)]
    let details = EntryDetails(note: try request.required("note"))
    let content = Entry.canonicalBytes(time: time, kind: kind, legs: legs, details: details)
    let identity = EntryIdentity.content(account: account.id, canonical: content, occurrence: 0)
    let batch = Batch(
      entries: [
        NewEntry(
          identity: identity.canonicalBytes, time: time, kind: kind, legs: legs, details: details)
      ], accounts: [account])
    let outcome = try vault.append(batch, to: 0, by: request.author)
    if outcome.added == 0 { throw Refusal(.usage, "this correction is booked already") }
    return WorkResult(
      answer: .report(Report(facts: [.init("added", .integer(Int64(outcome.added)))])),
      changes: LedgerChanges(
        holdings: outcome.holdings, accounts: outcome.accounts,
        entries: try reader.entryCount()))
  }

  func instant(_ text: String) throws(Refusal) -> Instant {
    guard let instant = Instant(text) else {
      throw Refusal(.usage, "\(text) is no time", advice: "For example: 2024-01-05T09:00:00Z")
    }
    return instant
  }

  func dismiss(_ request: Request) throws -> WorkResult {
    let text = try request.required("row")
    guard let number = Int64(text) else {
      throw Refusal(.usage, "\(text) is no row's number", advice: "See: coffer refused")
    }
    try vault.setRefusal(number, .dismissed, by: request.author)
    return WorkResult(
      answer: .report(Report(facts: [.init("dismissed", .integer(number))])),
      changes: LedgerChanges(refused: try reader.refused(limit: 0).total))
  }
}

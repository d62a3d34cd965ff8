import Encodings
import Foundation
import Ledger
import VenueKit

/// A venue's file of cases, as far as every check needs it.
struct VenueCases {
  let id: String
  let file: Node
  let markets: CaseMarkets
  let now: Instant
  let credentials: Credentials
  let notes: String

  init(_ json: JSON) throws(VenueFault) {
    file = Node(json)
    id = try file.text("venue")
    markets = try CaseMarkets(file)
    now = try file.time(.milliseconds, "clockMs")
    var credentials = VenueCases.credentials(file["credentials"])
    for setting in try file["settings"].optionalMembers() {
      if credentials.fields[setting.key] == nil, let text = try? setting.text() {
        credentials.fields[setting.key] = text
      }
    }
    self.credentials = credentials
    notes = try file.optionalText("status") ?? ""
  }

  /// The word that random ids hold in every case.
  static let uuid = "5eedc0de-0000-4000-8000-00005eedc0de"

  var moment: Moment { Moment(time: now, uuid: VenueCases.uuid) }

  static func credentials(_ node: Node) -> Credentials {
    // What the set's own test program supplies where a case is silent.
    var fields = ["token": "token", "accountId": "12345"]
    for member in (try? node.optionalMembers()) ?? [] {
      fields[member.key] = (try? member.optionalText()) ?? nil
    }
    return Credentials(
      key: fields["apiKey"] ?? "", secret: fields["secret"] ?? "",
      passphrase: fields["password"] ?? "", fields: fields)
  }

  /// What `settings` says of accounts, for calls that need their ids.
  var accounts: [String: String] {
    var ids: [String: String] = [:]
    collect(file["settings"], into: &ids)
    return ids
  }

  private func collect(_ node: Node, into ids: inout [String: String]) {
    for member in (try? node.optionalMembers()) ?? [] {
      if case .object? = member.json {
        collect(member, into: &ids)
      } else if let text = try? member.text() {
        ids[member.key] = text
      }
    }
  }
}

/// The markets and currencies of a file of cases, by their common names.
struct CaseMarkets {
  struct Named {
    let symbol: String
    let market: Market
    let others: Set<String>
  }
  let bySymbol: [String: Named]
  let table: MarketTable
  private let codes: [String: String]

  init(_ file: Node) throws(VenueFault) {
    var found: [String: Named] = [:]
    var all: [Market] = []
    let mode = try file.optionalText("precisionMode") ?? "tickSize"
    for node in try CaseMarkets.list(file["markets"]) {
      let named = try CaseMarkets.read(node, hasSteps: mode == "tickSize")
      found[named.symbol] = named
      all.append(named.market)
    }
    var codes: [String: String] = [:]
    for node in try CaseMarkets.list(file["currencies"]) {
      if let id = try node.optionalText("id"), let code = try node.optionalText("code") {
        codes[code] = id
      }
    }
    bySymbol = found
    table = MarketTable(all)
    self.codes = codes
  }

  private static func list(_ node: Node) throws(VenueFault) -> [Node] {
    if case .array? = node.json { return try node.elements() }
    return try node.optionalMembers()
  }

  private static func read(_ node: Node, hasSteps: Bool) throws(VenueFault) -> Named {
    let kind = MarketKind(rawValue: try node.optionalText("type") ?? "spot") ?? .spot
    let id = try node.text("id")
    let raw = node["raw"]
    var others: Set<String> = []
    for member in (try? raw.optionalMembers()) ?? [] {
      if let text = try? member.optionalText() { others.insert(text) }
    }
    let precision = node["precision"]
    // A venue that counts its markets names them by the base asset in its answers.
    let base = try node.text("base")
    let counted =
      id.allSatisfy(\.isNumber) ? try raw.optionalText("name") ?? CaseMarkets.coin(base) : nil
    if let counted { others.formUnion([base, counted]) }
    // Some venues have no id for a market and name its two assets.
    let quote = try node.text("quote")
    for joint in ["", "-", "_", "/"] {
      others.formUnion([base + joint + quote, quote + joint + base])
    }
    return Named(
      symbol: try node.text("symbol"),
      market: Market(
        id: id, base: try node.text("baseId", "base"),
        quote: try node.text("quoteId", "quote"),
        settle: kind == .spot ? nil : try node.optionalText("settleId", "settle"), kind: kind,
        contractSize: (try? node.optionalDecimal("contractSize")) ?? nil,
        amountStep: hasSteps ? (try? precision.optionalDecimal("amount")) ?? nil : nil,
        priceStep: hasSteps ? (try? precision.optionalDecimal("price")) ?? nil : nil,
        expiry: (try? node.optionalTime(.milliseconds, "expiry")) ?? nil,
        strike: (try? node.optionalDecimal("strike")) ?? nil,
        alias: try raw.optionalText("altname") ?? counted), others: others)
  }

  /// Of `XYZ-XYZ100`, a coin of another exchange on the same chain, the venue's name `xyz:XYZ100`.
  private static func coin(_ base: String) -> String {
    guard let dash = base.firstIndex(of: "-") else { return base }
    return base[..<dash].lowercased() + ":" + base[base.index(after: dash)...]
  }

  /// The venue's code of a currency.
  func asset(_ code: String) -> String { codes[code] ?? code }

  /// Whether a venue's id of a market is what a symbol means.
  func isSame(_ id: String, _ symbol: String, asked: Market?) -> Bool {
    if let named = bySymbol[symbol] {
      return id == named.market.id || named.others.contains(id)
        || (id.isEmpty && asked?.id == named.market.id)
        || CaseMarkets.folded(id) == CaseMarkets.folded(named.market.id)
    }
    if id.isEmpty { return asked == nil }
    let pair = symbol.prefix { $0 != ":" }
    // Of dated markets that the case does not list only the base asset can be told from the name.
    if symbol.contains("-"), symbol.contains(":") {
      return CaseMarkets.folded(id).hasPrefix(CaseMarkets.folded(String(pair.prefix { $0 != "/" })))
    }
    // Some venues name a perpetual by its base asset alone.
    if symbol.contains(":"), id == pair.prefix(while: { $0 != "/" }) { return true }
    return id == symbol || CaseMarkets.folded(id) == CaseMarkets.folded(String(pair))
      || CaseMarkets.folded(id).contains(CaseMarkets.folded(String(pair)))
  }

  /// Whether a venue's code of an asset is what a common code means.
  func isSame(asset: String, _ code: String, aliases: [String: String]) -> Bool {
    let plain = CaseMarkets.folded(asset)
    return asset == codes[code] || plain == CaseMarkets.folded(code)
      || CaseMarkets.folded(codes[code] ?? code) == plain
      || aliases[asset].map { CaseMarkets.folded($0) == CaseMarkets.folded(code) } ?? false
  }

  private static func folded(_ text: String) -> String {
    text.uppercased().filter { $0.isLetter || $0.isNumber }
  }
}

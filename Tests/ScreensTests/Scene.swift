import Amounts
import Canvas
import Foundation
import Ledger
import Portfolio
import Prices
import Styles
import Testing
import Wire

@testable import Screens

/// A fixed portfolio of twelve assets on four accounts, with everything that can be odd about one.
enum Scene {
  /// 2026-02-03T14:22:07Z.
  static let now = Instant(seconds: 1_770_128_527)

  static let accounts = [
    Account(id: AccountID(named: "binance"), name: "Binance", venue: "binance"),
    Account(id: AccountID(named: "kraken"), name: "Kraken", venue: "kraken"),
    Account(
      id: AccountID(named: "ledger-nano"), name: "Ledger Nano", venue: "ledger-live",
      book: BookID("cold")),
    Account(
      id: AccountID(named: "treasury"), name: "Treasury desk account", venue: "coinbase",
      book: BookID("treasury")),
  ]

  static let bitcoin = AssetID.native(chain: "bitcoin")
  static let ether = AssetID.native(chain: "ethereum")
  static let flareKraken = AssetID.venue(venue: "kraken", code: "FLR")
  static let flareBinance = AssetID.venue(venue: "binance", code: "FLR")

  /// One holding: account, quantity, staked part of it.
  typealias Part = (account: String, quantity: String, staked: String)

  static func amount(_ text: String) -> Fixed {
    do { return try Fixed(parsing: text) } catch {
      preconditionFailure("A scene has good numbers.")
    }
  }

  /// A position as the settlement would value it.
  static func position(
    _ asset: AssetID, price: String?, open: String? = nil, age: Int64 = 2, fresh: Int64 = 60,
    source: String = "feed:demo", _ parts: [Part]
  ) -> Position {
    let unit = price.map { amount($0) }
    let total = parts.reduce(Fixed.zero) { sum, part in plus(sum, amount(part.quantity)) }
    let staked = parts.reduce(Fixed.zero) { sum, part in plus(sum, amount(part.staked)) }
    let time = now.advanced(bySeconds: -age)
    return Position(
      asset: asset, quantity: Quantity(total), staked: Quantity(staked),
      price: unit.map {
        PositionPrice(
          price: Price($0), time: fresh == .max ? Instant(microseconds: .max) : time,
          freshUntil: fresh == .max
            ? Instant(microseconds: .max) : time.advanced(bySeconds: fresh),
          confidence: age > fresh ? .stale : .single, source: source)
      }, value: unit.map { times(total, $0) }, dayOpenValue: open.map { times(total, amount($0)) },
      shares: parts.map { part in
        AccountShare(
          account: AccountID(named: part.account), quantity: Quantity(amount(part.quantity)),
          staked: Quantity(amount(part.staked)),
          value: unit.map { times(amount(part.quantity), $0) })
      }, dayBasis: open == nil ? nil : source == "own-trade" ? .hours : .sources)
  }

  static func plus(_ a: Fixed, _ b: Fixed) -> Fixed { (try? a.adding(b)) ?? a }
  static func times(_ a: Fixed, _ b: Fixed) -> Fixed {
    (try? a.multiplied(by: b, rounding: .halfEven)) ?? .zero
  }

  static let positions: [Position] = [
    position(
      bitcoin, price: "67412.5", open: "66468.64",
      [("kraken", "20.118", "0"), ("ledger-nano", "42.3", "0")]),
    position(
      ether, price: "3512.2", open: "3432.9",
      [("binance", "110", "0"), ("kraken", "402.55", "382.5"), ("ledger-nano", "300", "0")]),
    position(
      .fiat(code: "USD"), price: "1", open: "1", fresh: .max, source: "itself",
      [("kraken", "105430.25", "0"), ("treasury", "1100000", "0")]),
    position(
      .native(chain: "solana"), price: "152.38", open: "155.28",
      [("kraken", "6120", "6000")]),
    position(
      .native(chain: "bnb-chain"), price: "588.1", open: "585.64", [("binance", "910", "0")]),
    position(
      .native(chain: "avalanche"), price: "35.91", open: "34.55", [("binance", "9800", "9800")]),
    position(
      .native(chain: "cardano"), price: "0.446", open: "0.45566", age: 90_000, fresh: 3_600,
      source: "own-trade", [("ledger-nano", "410000", "0")]),
    position(
      .native(chain: "litecoin"), price: "83.75", open: nil, age: 10_800, fresh: 3_600,
      source: "own-trade", [("ledger-nano", "512", "0")]),
    position(
      .contract(chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
      price: "1.0002", open: "1.0001", [("treasury", "250000.123456", "0")]),
    position(flareKraken, price: "0.02345", open: "0.0231", [("kraken", "812000", "0")]),
    position(flareBinance, price: nil, [("binance", "1500", "0")]),
    position(
      .venue(venue: "binance", code: "SHIB2"), price: nil,
      [("binance", "123456789012.000000000000000001", "0")]),
  ]

  static func totals(_ positions: [Position]) -> Totals {
    var totals = Totals()
    for position in positions {
      totals.positions += 1
      if position.state == .stale { totals.stale += 1 }
      if position.state == .unknown { totals.unpriced += 1 }
      guard let value = position.value else { continue }
      totals.value = plus(totals.value, value)
      // Five per cent either way for what is stale.
      let doubt = position.state == .stale ? times(value, amount("0.05")) : .zero
      totals.low = plus(totals.low, (try? value.subtracting(doubt)) ?? value)
      totals.high = plus(totals.high, plus(value, doubt))
      if position.state == .stale { totals.staleValue = plus(totals.staleValue, value) }
      if let open = position.dayOpenValue {
        totals.dayOpenValue = plus(totals.dayOpenValue, open)
        totals.dayValue = plus(totals.dayValue, value)
      }
    }
    return totals
  }

  static func snapshot(
    _ positions: [Position] = positions, accounts: [Account] = accounts, version: UInt64 = 7
  ) -> Snapshot {
    Snapshot(
      version: version, currency: .usDollar, time: now.advanced(bySeconds: -1),
      positions: positions.sorted { $0.asset < $1.asset }, accounts: accounts,
      totals: totals(positions))
  }

  static let status = EngineStatus(
    vault: "main", isUnlocked: true, entries: 1_234, refused: 3, clients: 1)

  /// The entry of a row of an endless ledger, newest first.
  static func entry(_ row: Int) -> Entry {
    let time = now.advanced(bySeconds: Int64(-3_600 * (row + 1)))
    let kraken = AccountID(named: "kraken")
    let nano = AccountID(named: "ledger-nano")
    let legs: [Leg]
    let kind: EntryKind
    switch row % 5 {
    case 0:
      kind = .trade
      legs = [
        Leg(
          account: kraken, asset: bitcoin, quantity: Quantity(amount("0.25")), counter: .conversion),
        Leg(
          account: kraken, asset: .fiat(code: "USD"), quantity: Quantity(amount("-16853.12")),
          counter: .conversion),
        Leg(
          account: kraken, asset: .fiat(code: "USD"), quantity: Quantity(amount("-43.81")),
          counter: .fees),
      ]
    case 1:
      kind = .transfer
      legs = [
        Leg(account: kraken, asset: bitcoin, quantity: Quantity(amount("-1.5")), counter: .transit),
        Leg(account: nano, asset: bitcoin, quantity: Quantity(amount("1.5")), counter: .transit),
        Leg(
          account: kraken, asset: bitcoin, quantity: Quantity(amount("-0.00015")), counter: .fees),
      ]
    case 2:
      kind = .staking
      legs = [
        Leg(
          account: kraken, asset: ether, quantity: Quantity(amount("0.012345678901234567")),
          counter: .income)
      ]
    case 3:
      kind = .deposit
      legs = [
        Leg(
          account: kraken, asset: .fiat(code: "USD"), quantity: Quantity(amount("250000")),
          counter: .outside)
      ]
    default:
      kind = .withdrawal
      legs = [
        Leg(account: kraken, asset: ether, quantity: Quantity(amount("-12.5")), counter: .outside)
      ]
    }
    return Entry(
      id: EntryID(high: 0xC0FF_EE00, low: UInt64(row)), time: time, kind: kind, legs: legs,
      details: EntryDetails(
        reference: "REF-\(row)", note: row % 5 == 4 ? "rent for 12.5 months" : "",
        value: row % 5 == 0 ? Money(amount("16853.12"), .usDollar) : nil),
      origin: EntryOrigin(importNumber: 4, line: row + 2))
  }

  /// The answer of an engine whose ledger has so many entries.
  static func page(_ query: LedgerQuery, total: Int) -> LedgerPage {
    let end = min(total, query.offset + query.limit)
    let rows = query.offset < end ? Array(query.offset..<end) : []
    return LedgerPage(query: query, total: total, entries: rows.map { entry($0) })
  }
}

/// A client with a small engine behind it: pages are answered, everything else is noted.
struct Desk {
  var model: ClientModel
  var effects: [Effect] = []
  var now = Scene.now
  /// How many entries the ledger behind it has.
  var entries = 1_234
  /// How many lots it has of every asset.
  var lots = 432
  /// Whether it answers for lots and entries.
  var answersRequests = true

  init(
    _ width: Int, _ height: Int, settings: ClientSettings = ClientSettings(),
    snapshot: Snapshot? = Scene.snapshot(), status: EngineStatus = Scene.status
  ) {
    model = ClientModel(
      settings: settings, size: Size(width: width, height: height), now: Scene.now)
    send(.connected)
    send(.engine(.welcome(version: ClientMessage.version, status)))
    if let snapshot { send(.engine(.snapshot(snapshot))) }
  }

  @discardableResult
  mutating func send(_ event: ClientEvent) -> [Effect] {
    let new = model.handle(event, at: now)
    effects += new
    for case .send(.page(let id, let query)) in new {
      send(.engine(.page(id: id, Scene.page(query, total: entries))))
    }
    for case .send(.request(let id, let request)) in new where answersRequests {
      if let report = Scene.answer(request, lots: lots) { send(.engine(.report(id: id, report))) }
    }
    return new
  }

  /// Presses keys in the notation of keymap files, spaces parting nothing.
  @discardableResult
  mutating func press(_ notation: String) -> [Effect] {
    guard !notation.isEmpty else { return [] }
    var all: [Effect] = []
    var rest = Substring(notation)
    while let first = rest.first {
      var token = String(first)
      if first == "<", let close = rest.firstIndex(of: ">") { token = String(rest[...close]) }
      rest = rest.dropFirst(token.count)
      if token == " " { token = "<Space>" }
      for key in (try? Key.sequence(token)) ?? [] { all += send(.input(.key(key))) }
    }
    return all
  }

  mutating func wait(milliseconds: Int64) {
    now = now.advanced(byMilliseconds: milliseconds)
    send(.tick)
  }

  /// The requests sent so far, by verb.
  var requests: [Request] {
    effects.compactMap { if case .send(.request(_, let request)) = $0 { request } else { nil } }
  }

  var text: String { model.frame().text }
  func row(_ number: Int) -> String { model.frame().row(number) }
}

extension Frame {
  /// One row as text.
  func row(_ y: Int) -> String { (0..<size.width).map { self[$0, y].glyph.text }.joined() }

  /// All rows as text.
  var text: String { (0..<size.height).map { row($0) }.joined(separator: "\n") }

  /// The roles of all cells by their letters: text, a bar, what it lies on.
  var styles: String {
    (0..<size.height).map { y in
      let roles = (0..<size.width).map { x -> Character in
        let style = self[x, y].style
        return style.role == .text ? style.surface.letter : style.role.letter
      }
      return String(roles)
    }.joined(separator: "\n")
  }

  /// The rows whose text lies on a surface or is written with an attribute that needs no colour.
  var surfaces: String {
    (0..<size.height).map { y in
      String((0..<size.width).map { x in self[x, y].style.surface.letter })
    }.joined(separator: "\n")
  }
}

extension Frame {
  /// How all cells are written without colours: a digit of 32 for bold, dim, italic, underline,
  /// reverse as its bits, a dot for none of them.
  func attributes(in theme: Theme) -> String {
    (0..<size.height).map { y in
      (0..<size.width).map { x in
        let look = theme.appearance(of: self[x, y].style, at: .none)
        let bits = look.attributes.rawValue
        return bits == 0 ? "." : String(bits, radix: 32)
      }.joined()
    }.joined(separator: "\n")
  }
}

/// A theme of the package, as the product loads it.
func shippedTheme(_ name: String) throws -> Theme {
  let library = StyleLibrary(directories: [packageFolder.appending(path: "Themes").path])
  return try library.theme(named: name).value
}

/// The folder of the package.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A keymap of the package, as the product loads it.
func shippedKeymap(_ name: String) throws -> Styled<Keymap> {
  let library = StyleLibrary(directories: [packageFolder.appending(path: "Keymaps").path])
  return try library.keymap(
    named: name, commands: Commands.names, contexts: Commands.contexts)
}

import Amounts
import Canvas
import Ledger
import Portfolio
import Prices
import Testing
import Wire

@testable import Screens

/// Portfolios as nobody wishes them: none, very many, and figures and names at their ends.
enum Extreme: String, CaseIterable, Sendable {
  case none
  case one
  case sixty
  case thousands
  case odd
  case owing

  /// Names in many scripts, and such as nobody should send.
  static let names = [
    "比特币基金", "حساب البيتكوين", "👩‍👩‍👧‍👦 family", "❤️‍🔥 ☕️ ✈︎", "Zoe\u{308}\u{301}\u{323}\u{32E} r\u{30A}",
    "\u{1B}[31mred\u{1B}[0m", "line\nfeed\tand\u{7}bell", "abc\u{202E}dcba\u{2066}",
    String(repeating: "long ", count: 40), "ｆｕｌｌｗｉｄｔｈ", "कि नमस्ते", "\u{200B}\u{FEFF}",
  ]

  var snapshot: Snapshot {
    let positions = positions.sorted { $0.asset < $1.asset }
    return Snapshot(
      version: 7, currency: .usDollar, time: Scene.now.advanced(bySeconds: -1),
      positions: positions, accounts: accounts.sorted { $0.id < $1.id },
      totals: Extreme.totals(positions))
  }

  var accounts: [Account] {
    switch self {
    case .none: return []
    case .odd:
      return Extreme.names.enumerated().map { index, name in
        Account(
          id: AccountID(named: "a\(index)"), name: name, venue: name, book: BookID(name))
      }
    default: return Scene.accounts
    }
  }

  var positions: [Position] {
    switch self {
    case .none: return []
    case .one:
      return [
        Scene.position(Scene.bitcoin, price: "67412.5", open: "66468.64", [("kraken", "1.5", "0")])
      ]
    case .sixty: return Extreme.many(60)
    case .thousands: return Extreme.many(5_000)
    case .odd: return Extreme.oddPositions
    case .owing:
      return [
        Extreme.position(Scene.ether, "-12.5", price: "3512.2", value: "-43902.5", open: "-42000"),
        Extreme.position(.fiat(code: "USD"), "100", price: "1", value: "100", open: "100"),
      ]
    }
  }

  /// So many positions, each with a value of its own, each seventh without a price.
  private static func many(_ count: Int) -> [Position] {
    (0..<count).map { index in
      Scene.position(
        .venue(venue: "kraken", code: "COIN\(index)"),
        price: index % 7 == 6 ? nil : "\(2 + index % 90).25", open: "\(2 + index % 88)",
        age: index % 11 == 10 ? 4_000 : 2,
        [
          (Scene.accounts[index % 4].id.slug, "\(7_331 + 113 * index).73", "0"),
          (Scene.accounts[(index + 1) % 4].id.slug, "\(index + 1).0625", "1"),
        ])
    }
  }

  private static func position(
    _ asset: AssetID, _ quantity: String, price: String? = nil, value: String? = nil,
    open: String? = nil, confidence: Confidence = .single, account: String = "kraken"
  ) -> Position {
    let time = Scene.now.advanced(bySeconds: confidence == .stale ? -90_000 : -2)
    return Position(
      asset: asset, quantity: Quantity(Scene.amount(quantity)), staked: Quantity(.zero),
      price: price.map {
        PositionPrice(
          price: Price(Scene.amount($0)), time: time, freshUntil: time.advanced(bySeconds: 60),
          confidence: confidence, source: "feed:demo")
      }, value: value.map { Scene.amount($0) }, dayOpenValue: open.map { Scene.amount($0) },
      shares: [
        AccountShare(
          account: AccountID(named: account), quantity: Quantity(Scene.amount(quantity)),
          staked: Quantity(.zero), value: value.map { Scene.amount($0) })
      ], dayBasis: open == nil ? nil : .sources)
  }

  /// What can be odd about a figure, each with a name that is odd as well.
  private static let oddPositions: [Position] = {
    let figures: [(String, String?, String?, String?, Confidence)] = [
      // Two of them are together beyond ±1.7·10²⁰.
      ("90000000000000000000", "1", "90000000000000000000", "89000000000000000000", .single),
      ("95000000000000000000", "1", "95000000000000000000", nil, .single),
      ("-1234567890123456", "1", "-1234567890123456", "-1234567890123457", .single),
      ("987654321098765", "1.5", "1481481481648147.5", "12.5", .stale),
      ("1", "123456789012345678.12", "123456789012345678.12", "1", .disputed),
      // Quantity times price is beyond the range.
      ("170000000000000000000", "99999.5", nil, nil, .single),
      ("-7654.321", "17.25", "-132037.03725", "-66000", .single),
      ("0", "5.25", "0", "0", .single),
      ("123456789.123456789", nil, nil, nil, .single),
      ("0.000000000000000001", "0.000000000000000001", "0", nil, .disputed),
      ("43210.9", "1.0001", "43215.22109", "-43215.22109", .stale),
      ("-0.000000000000000001", nil, nil, nil, .single),
    ]
    return zip(names, figures).enumerated().map { index, pair in
      let (name, figure) = pair
      let code = String(decoding: name.utf8.prefix(120), as: UTF8.self)
      return position(
        .venue(venue: "kraken", code: code), figure.0, price: figure.1, value: figure.2,
        open: figure.3, confidence: figure.4, account: "a\(index)")
    }
  }()

  /// The sums as the settlement makes them: what leaves the range is left out and said.
  private static func totals(_ positions: [Position]) -> Totals {
    var totals = Totals(positions: positions.count)
    func add(_ value: Fixed, _ sum: inout Fixed) {
      if let new = try? sum.adding(value) { sum = new } else { totals.overflowed = true }
    }
    for position in positions {
      switch position.state {
      case .live: break
      case .stale: totals.stale += 1
      case .unknown: totals.unpriced += 1
      case .disputed: totals.disputed += 1
      }
      guard let value = position.value else { continue }
      var sums = totals
      add(value, &sums.value)
      add(value, &sums.low)
      add(value, &sums.high)
      if let open = position.dayOpenValue {
        add(open, &sums.dayOpenValue)
        add(value, &sums.dayValue)
      }
      sums.overflowed = sums.overflowed || totals.overflowed
      totals = sums
    }
    return totals
  }
}

// MARK: - Boards

extension Extreme {
  private func cell(_ amount: Fixed?) -> ReportCell { amount.map { .amount($0) } ?? .none }

  /// The positions with the largest values, at most so many.
  private func largest(_ count: Int) -> [Position] {
    Array(
      positions.sorted { ($0.value ?? .zero, $1.asset) > ($1.value ?? .zero, $0.asset) }.prefix(
        count))
  }

  /// What the engine tells of it beside the snapshot.
  var boards: [(name: String, report: Report)] {
    var boards: [(String, Report)] = [
      (Board.accounts, connections), (Board.risk, risk), (Board.riskLive, risk),
      (Board.riskParts, parts), (Board.stress, stress), (Board.riskLimits, limits),
      (Board.exposure + "venue", exposure), (Board.heatmap + "pearson:90", heatmap),
      (Board.log, log), (Board.alerts, alerts),
    ]
    for period in ProfitPeriod.allCases {
      boards.append((Board.gains + period.rawValue, gains))
      boards.append((Board.performance + period.rawValue, performance))
    }
    return boards
  }

  private var connections: Report {
    Report(
      tableName: "accounts", columns: Scene.connections.columns,
      rows: accounts.enumerated().map { index, account in
        let state = AccountState.allCases[index % AccountState.allCases.count]
        return [
          .text(account.id.slug), .text(account.name), .text(account.venue), .text(state.rawValue),
          index % 3 == 0 ? .none : .integer(Scene.now.advanced(bySeconds: -75).microseconds),
          index % 3 == 1 ? .none : .integer(100), .integer(Int64.max), .integer(Int64.max),
          .integer(Int64.max), .text(account.name), .integer(Int64(index)), .none,
          .text(account.name), .text(account.name), .text(account.name),
        ]
      })
  }

  private var gains: Report {
    Report(
      facts: [.init("state", .text("ready")), .init("currency", .text("USD"))],
      tableName: "assets", columns: Scene.gains.columns,
      rows: positions.prefix(500).map { position in
        let gain = position.value.flatMap { value in
          position.dayOpenValue.flatMap { try? value.subtracting($0) }
        }
        return [
          .text(position.asset.ticker), .amount(position.quantity.fixed), cell(position.value),
          cell(gain), cell(gain), .none, .none, .none, .none, cell(gain),
          cell(position.dayOpenValue), .none, .integer(1), .integer(gain == nil ? 1 : 0),
          .integer(position.value == nil ? 1 : 0), .text(position.asset.text), .none,
        ]
      })
  }

  private var performance: Report {
    let sums = snapshot.totals
    let ratio: ReportCell = self == .odd ? .amount(Fixed(whole: 98_765_432)) : .none
    return Report(
      facts: [
        .init("state", .text("ready")), .init("currency", .text("USD")),
        .init("benchmark", .text(self == .odd ? Extreme.names[5] : "BTC")),
        .init("opening", self == .none ? .none : .amount(sums.dayOpenValue)),
        .init("value", self == .none ? .none : .amount(sums.value)),
        .init("gain", cell(try? sums.dayValue.subtracting(sums.dayOpenValue))),
        .init("gain_price", self == .none ? .none : .amount(sums.high)),
        .init("twr", ratio), .init("modified_dietz", ratio), .init("xirr", .none),
        .init("sharpe", ratio), .init("beta", .none), .init("max_drawdown", .none),
        .init("daily_returns", .integer(self == .none ? 0 : 3)),
      ], tableName: "days", columns: Scene.performance.columns,
      rows: self == .none
        ? []
        : [sums.dayOpenValue, sums.value, sums.low].enumerated().map { index, value in
          [
            .text("2026-02-0\(index + 1)"), .amount(value), .none, .amount(.one), .integer(0),
            .none, .none,
          ]
        })
  }

  private var risk: Report {
    guard self != .none else { return Scene.refusedRisk }
    let share = self == .odd ? 98_765.4 : 0.0508
    let rows = [0.95, 0.99].map { confidence -> [ReportCell] in
      [
        .text("value at risk"), .text("parametric"), .statistic(confidence, digits: 4),
        .integer(1), .statistic(share, digits: 6), .amount(snapshot.totals.value),
        .statistic(share, digits: 6), .amount(snapshot.totals.low), .integer(364),
        .integer(Scene.now.microseconds), .text(""), .text(""),
      ]
    }
    return Report(
      facts: Scene.risk.facts, tableName: "figures", columns: Scene.riskColumns, rows: rows)
  }

  private var parts: Report {
    Report(
      facts: self == .one ? [.init("value_at_risk", .amount(snapshot.totals.value))] : [],
      tableName: "parts", columns: Scene.parts.columns,
      rows: largest(200).map { position in
        let weight = position.value.map { $0.approximate / 1e6 }
        return [
          .text(position.asset.text), .text(position.asset.ticker), cell(position.value),
          .statistic(weight, digits: 6), .statistic(weight, digits: 6), .none,
          cell(position.value), .statistic(weight, digits: 6), .none, .text("own prices"),
        ]
      })
  }

  private var stress: Report {
    Report(
      tableName: "stress", columns: Scene.stress.columns,
      rows: self == .none
        ? []
        : [
          [
            .text("covid-2020-03"), .text("Covid"), .statistic(-98_765.4, digits: 4),
            .amount(snapshot.totals.value), .none, .none,
          ],
          [.text(Extreme.names[1]), .text(Extreme.names[2]), .none, .none, .none, .none],
        ])
  }

  private var limits: Report {
    Report(
      tableName: "limits", columns: Scene.limitsOfRisk.columns,
      rows: self != .odd
        ? []
        : [
          [
            .text("asset"), .text(Extreme.names[0]), .statistic(98_765.4, digits: 4),
            .statistic(0.35, digits: 4), .none, .text("breach"),
          ]
        ])
  }

  private var exposure: Report {
    Report(
      facts: [.init("by", .text("venue"))], tableName: "exposures",
      columns: Scene.exposure.columns,
      rows: largest(12).map { position in
        [
          .text(position.asset.ticker), cell(position.value), .none, cell(position.value),
          cell(position.value), .statistic(position.value.map { $0.approximate / 1e6 }, digits: 6),
        ]
      })
  }

  private var heatmap: Report {
    let names = largest(60).map(\.asset.ticker)
    return Report(
      facts: Scene.heatmap.facts, tableName: "correlations", columns: ["asset", "name"] + names,
      rows: names.indices.map { row in
        [.text(names[row]), .text(names[row])]
          + names.indices.map { column in
            (row + column) % 5 == 4
              ? .none : .statistic(row == column ? 1 : 0.9 - 0.03 * Double(row + column), digits: 3)
          }
      })
  }

  private var log: Report {
    Report(
      facts: [.init("first", .integer(1)), .init("last", .integer(Int64(accounts.count)))],
      tableName: "lines", columns: Scene.log(1...1).columns,
      rows: accounts.enumerated().map { index, account in
        [
          .integer(Int64(index + 1)), .integer(Scene.now.microseconds), .text("error"),
          .text(account.name), .text(account.name), .text("place\t\(account.name)"), .flag(false),
        ]
      })
  }

  private var alerts: Report {
    Report(
      facts: Scene.alerts.facts, tableName: "alerts", columns: Scene.alerts.columns,
      rows: accounts.enumerated().map { index, account in
        [
          .integer(Int64(index + 1)), .text("warning"), .text("open"),
          .integer(Scene.now.microseconds), .text(account.name), .text(account.name),
          .text(account.name), .text(account.name), .text(account.name),
          .text("observed\t\(account.name)"), .text(account.name), .none, .none, .text(""),
          .text(""), .text("none"), .text(""),
        ]
      })
  }
}

extension Extreme {
  /// A client of each that was told all of it, on the Overview.
  private static let desks: [Extreme: Desk] = {
    var desks: [Extreme: Desk] = [:]
    for kind in allCases {
      var desk = Desk(
        80, 24, settings: (try? GoldenTests.settings()) ?? ClientSettings(),
        snapshot: kind.snapshot)
      for (name, report) in kind.boards { desk.send(.engine(.board(name: name, report))) }
      desk.effects = []
      desks[kind] = desk
    }
    return desks
  }()

  /// A client that was told all of it.
  func desk(
    _ width: Int, _ height: Int, glyphs: GlyphSet = .unicode, isPrivate: Bool = false,
    screen: String = "overview"
  ) throws -> Desk {
    var desk = try #require(Extreme.desks[self])
    desk.model.glyphs = glyphs
    desk.model.isPrivate = isPrivate
    desk.send(.resized(Size(width: width, height: height)))
    if screen != "overview" { desk.press(":screen \(screen)<CR>") }
    return desk
  }
}

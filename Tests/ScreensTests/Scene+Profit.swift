import Amounts
import Canvas
import Ledger
import Wire

@testable import Screens

extension Scene {
  private static func cell(_ text: String) -> ReportCell {
    (try? Fixed(parsing: text)).map { .amount($0) } ?? .none
  }

  /// Thirty days of a portfolio, of which two lack a price.
  static let performance: Report = {
    var facts: [Report.Fact] = [
      .init("state", .text("ready")), .init("currency", .text("USD")),
      .init("benchmark", .text("BTC")), .init("opening", cell("10611204.5")),
      .init("value", cell("11558757.2")), .init("inflow", cell("20000")),
      .init("outflow", cell("825515.3")), .init("gain", cell("1753068")),
      .init("gain_price", cell("1622118")), .init("gain_currency", cell("188")),
      .init("gain_trading", cell("118402")), .init("gain_rewards", cell("21870")),
      .init("gain_funding", cell("-188")), .init("gain_fees", cell("-9322")),
      .init("gain_lost", cell("0")), .init("days_with_unpriced_holdings", .integer(2)),
      .init("days_stale", .integer(0)), .init("daily_returns", .integer(30)),
      .init("doubtful_prices", .integer(1)),
    ]
    for (name, value) in [
      ("twr", "0.1842"), ("modified_dietz", "0.169"), ("xirr", "5.412"),
      ("max_drawdown", "-0.0831"), ("volatility", "0.412"), ("sharpe", "1.62"),
      ("sortino", "2.31"), ("omega", "1.4"), ("beta", "0.94"), ("alpha", "0.0432"),
      ("tracking_error", "0.12"), ("benchmark_return", "0.141"),
      ("current_drawdown", "-0.0021"),
    ] {
      facts.append(.init(name, cell(value)))
    }
    facts.append(.init("benchmark_days", .integer(28)))
    facts.append(.init("calmar", .none))
    facts.append(.init("calmar_refused", .text("30 of at least 365 daily returns")))
    let levels = [
      10_611, 10_590, 10_640, 10_702, 10_688, 10_540, 10_420, 10_398, 10_455, 10_610, 10_780,
      10_802, 10_910, 10_895, 11_004, 11_120, 11_098, 11_230, 11_310, 11_287, 11_190, 11_240,
      11_360, 11_402, 11_388, 11_450, 11_470, 11_520, 11_489, 11_559,
    ]
    let rows = levels.enumerated().map { index, level -> [ReportCell] in
      let day = index < 9 ? "0\(index + 1)" : "\(index + 1)"
      return [
        .text("2024-11-\(day)"), cell("\(level)000"), cell("0"),
        cell("1.\(index < 10 ? "0\(index)" : "\(index)")"), .integer(index == 4 ? 1 : 0),
        other(index % 3 == 0 ? index / 2 : index * 3 / 5),
        fall(level, levels.prefix(index + 1).max() ?? level),
      ]
    }
    return Report(
      facts: facts, tableName: "days",
      columns: [
        "day", "value", "gain", "return_index", "unpriced", "benchmark_index", "drawdown",
      ], rows: rows)
  }()

  /// What 1 has become at so many per cent.
  private static func other(_ percent: Int) -> ReportCell {
    .statistic(1 + Double(percent) / 100, digits: 2)
  }

  /// How far a level is below another.
  private static func fall(_ level: Int, _ highest: Int) -> ReportCell {
    .statistic(Double(level) / Double(highest) - 1, digits: 6)
  }

  /// What a unit has cost.
  private static func average(_ cost: String, _ quantity: String) -> Fixed {
    (try? amount(cost).divided(by: amount(quantity), rounding: .halfEven)) ?? .zero
  }

  /// Assets in every state that gains can be in.
  static let gains = Report(
    facts: [
      .init("state", .text("ready")), .init("currency", .text("USD")),
      .init("unknown_lots", .integer(2)),
    ], tableName: "assets",
    columns: [
      "asset", "quantity", "value", "gain", "price", "trading", "rewards", "fees", "funding",
      "unrealised", "cost", "realised", "lots", "unknown_lots", "unpriced", "identity",
      "average_cost",
    ],
    rows: [
      ("ETH", "812.55", "2853838", "644400", "1060000", "1790000", "1200", 0, "native:ethereum"),
      ("BTC", "62.41", "4210000", "589100", "1630000", "2580000", "0", 1, "native:bitcoin"),
      ("SOL", "6120", "932600", "-177700", "343800", "588800", "-5120.4", 0, "native:solana"),
      ("XYZ", "1000", "", "", "", "", "0", 1, "venue:kraken:XYZ"),
      ("USD", "54850", "54850", "-9322", "", "", "0", 0, "fiat:USD"),
    ].map { row in
      [
        .text(row.0), cell(row.1), cell(row.2), cell(row.3), cell(row.3), cell("0"), cell("0"),
        cell("0"), cell("0"), cell(row.4), cell(row.5), cell(row.6),
        .integer(row.0 == "USD" ? 0 : 1), .integer(row.7),
        .integer(row.2.isEmpty ? 1 : 0), .text(row.8),
        row.5.isEmpty ? .none : .amount(average(row.5, row.1)),
      ]
    })
}

extension Desk {
  /// The engine sends the boards of the P&L screen.
  mutating func sendProfitBoards() {
    for period in ProfitPeriod.allCases {
      send(.engine(.board(name: Board.performance + period.rawValue, Scene.performance)))
      send(.engine(.board(name: Board.gains + period.rawValue, Scene.gains)))
    }
  }
}

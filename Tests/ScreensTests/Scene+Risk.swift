import Amounts
import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

extension Scene {
  private static func figure(
    _ method: String, _ confidence: Double, _ days: Int64, _ share: Double?, refused: String = ""
  ) -> [ReportCell] {
    let value = share.map { $0 * 11_558_757 }
    return [
      .text("value at risk"), .text(method), .statistic(confidence, digits: 4), .integer(days),
      .statistic(share, digits: 6), .statistic(value, digits: 2),
      .statistic(share.map { $0 * 1.3 }, digits: 6),
      .statistic(value.map { $0 * 1.3 }, digits: 2), .integer(364),
      .integer(now.microseconds), .text("as the method does it"), .text(refused),
    ]
  }

  static let riskColumns = [
    "figure", "method", "confidence", "horizon_days", "share", "value", "shortfall_share",
    "shortfall", "sample", "computed_at", "note", "refused",
  ]

  static let risk = Report(
    facts: [
      .init("currency", .text("USD")), .init("net", .amount(amount("11558757"))),
      .init("bars", .text("days")), .init("sample", .integer(364)),
      .init("window", .integer(365)), .init("benchmark", .text("BTC")),
      .init("from", .text("2025-02-04")), .init("to", .text("2026-02-02")),
      .init("assets_with_own_prices", .integer(7)), .init("assets_by_proxy", .integer(2)),
      .init("assets_left_out", .integer(1)), .init("refused", .text("")),
      .init("volatility_year", .statistic(0.59, digits: 6)),
      .init("hhi", .amount(amount("0.216"))), .init("effective_count", .amount(amount("4.63"))),
    ], tableName: "figures", columns: riskColumns,
    rows: [
      figure("parametric", 0.95, 1, 0.0508), figure("parametric", 0.95, 10, 0.1606),
      figure("parametric", 0.99, 1, 0.0718), figure("parametric", 0.99, 10, 0.2271),
      figure("historical", 0.95, 1, 0.0522), figure("historical", 0.99, 1, 0.0841),
      figure("cornish-fisher", 0.99, 1, 0.0977), figure("filtered", 0.99, 1, 0.0802),
      figure(
        "monte-carlo", 0.99, 1, nil, refused: "41 of 60 returns that it needs"),
    ])

  /// What lies where; something is owed at one of them.
  static let exposure = Report(
    facts: [.init("by", .text("venue")), .init("holdings_without_price", .integer(2))],
    tableName: "exposures", columns: ["name", "long", "short", "net", "gross", "share"],
    rows: [
      ("own wallets", "4131002.5", "0"), ("kraken", "3830551", "0"),
      ("coinbase", "1350050.12", "0"), ("binance", "1273461", "20441.2"),
    ].map { (row: (String, String, String)) -> [ReportCell] in
      let (long, short) = (amount(row.1), amount(row.2))
      let gross = plus(long, short)
      return [
        .text(row.0), .amount(long), .amount(short),
        .amount((try? long.subtracting(short)) ?? long), .amount(gross),
        .statistic(gross.approximate / 10_605_505.82, digits: 6),
      ]
    })

  static let refusedRisk = Report(
    facts: [
      .init("sample", .integer(0)), .init("refused", .text("14 of 60 returns that it needs")),
    ], tableName: "figures", columns: riskColumns,
    rows: [figure("parametric", 0.95, 1, nil, refused: "14 of 60 returns that it needs")])

  static let parts = Report(
    facts: [.init("value_at_risk", .amount(amount("830118.77")))], tableName: "parts",
    columns: [
      "asset", "name", "value", "weight", "volatility", "marginal", "component",
      "component_share", "incremental", "source",
    ],
    rows: [
      ("BTC", 4_207_753.12, 0.364, 0.031, 0.337, "own prices"),
      ("ETH", 2_853_842.11, 0.247, 0.044, 0.280, "own prices"),
      ("SOL", 932_565.60, 0.081, 0.057, 0.134, "own prices"),
      ("AVAX", 351_918.00, 0.030, 0.061, 0.049, "12% by BTC, beta 1.31 of 320"),
      ("BNB", 535_171.00, 0.046, 0.030, 0.037, "own prices"),
      ("USD", 1_205_430.25, 0.104, nil, nil, "currency of account"),
      ("USDC", 250_050.12, 0.022, 0.0004, -0.001, "own prices"),
      ("FLR", 19_041.40, 0.002, nil, nil, "left out: 11 of 20 returns"),
    ].map { (row: (String, Double, Double, Double?, Double?, String)) -> [ReportCell] in
      [
        .text("native:\(row.0)"), .text(row.0), .statistic(row.1, digits: 2),
        .statistic(row.2, digits: 6), .statistic(row.3, digits: 6), .statistic(0.07, digits: 6),
        .statistic(row.4.map { $0 * 830_118.77 }, digits: 2), .statistic(row.4, digits: 6),
        .statistic(row.4.map { $0 * 700_000 }, digits: 2), .text(row.5),
      ]
    })

  static let stress = Report(
    facts: [.init("currency", .text("USD"))], tableName: "stress",
    columns: ["name", "title", "share", "value", "by_beta", "unknown"],
    rows: [
      ("covid-2020-03", -0.412, 0.1, 0.0), ("china-2021-05", -0.365, 0.0, 0.0),
      ("terra-2022-05", -0.289, 0.0, 0.02), ("ftx-2022-11", -0.248, 0.0, 0.0),
      ("usdc-2023-03", -0.051, 0.0, 0.0), ("correlation-one", -0.081, 0.0, 0.0),
      ("stop:binance", -0.22, 0.0, 0.0), ("stop:kraken", -0.31, 0.0, 0.0),
    ].map { name, share, beta, unknown in
      [
        .text(name), .text("What happened in \(name)"), .statistic(share, digits: 6),
        .statistic(share * 11_558_757, digits: 2), .statistic(beta, digits: 6),
        .statistic(unknown, digits: 6),
      ]
    })

  static let limitsOfRisk = Report(
    tableName: "limits", columns: ["limit", "name", "value", "most", "room", "state"],
    rows: [
      [
        .text("asset"), .text("BTC"), .statistic(0.364, digits: 6), .statistic(0.35, digits: 6),
        .statistic(-0.014, digits: 6), .text("breach"),
      ],
      [
        .text("venue"), .text("kraken"), .statistic(0.31, digits: 6), .statistic(0.5, digits: 6),
        .statistic(0.19, digits: 6), .text("ok"),
      ],
    ])

  static let backtests = Report(
    tableName: "backtests",
    columns: [
      "method", "confidence", "observations", "exceptions", "expected", "coverage_p",
      "independence_p", "both_p", "zone",
    ],
    rows: [
      ("parametric", 0.99, Int64(6), 2.5, "yellow"), ("historical", 0.99, Int64(2), 2.5, "green"),
    ].map { method, confidence, exceptions, expected, zone in
      [
        .text(method), .statistic(confidence, digits: 4), .integer(250), .integer(exceptions),
        .statistic(expected, digits: 1), .statistic(0.06, digits: 4),
        .statistic(0.5, digits: 4), .statistic(0.12, digits: 4), .text(zone),
      ]
    })

  private static let names = ["BTC", "LTC", "ETH", "SOL", "AVAX", "BNB", "ADA", "USDC", "FLR"]

  static let heatmap = Report(
    facts: [
      .init("method", .text("pearson")), .init("window", .integer(90)),
      .init("bars", .text("days")), .init("sample", .integer(90)),
      .init("from", .text("2025-11-05")), .init("to", .text("2026-02-02")),
      .init("assets_left_out", .integer(1)), .init("refused", .text("")),
    ], tableName: "correlations", columns: ["asset", "name"] + names,
    rows: names.indices.map { row in
      [.text("native:\(names[row])"), .text(names[row])]
        + names.indices.map { column -> ReportCell in
          if row == 8 || column == 8 { return .none }
          if row == column { return .statistic(1, digits: 3) }
          let isStable = row == 7 || column == 7
          let apart = Double(abs(row - column))
          return .statistic(isStable ? -0.08 + 0.02 * apart : 0.95 - 0.12 * apart, digits: 3)
        }
    })

  static let radar = Report(
    facts: [
      .init("alarm_rate", .statistic(0.01, digits: 4)), .init("pairs", .integer(28)),
      .init("sample_before", .integer(334)), .init("sample_now", .integer(30)),
      .init("refused", .text("")),
    ], tableName: "breaks",
    columns: ["first", "second", "before", "now", "change", "probability"],
    rows: [
      [
        .text("BTC"), .text("USDC"), .statistic(-0.05, digits: 3), .statistic(0.61, digits: 3),
        .text("concentrating"), .statistic(0.000_02, digits: 9),
      ],
      [
        .text("ETH"), .text("SOL"), .statistic(0.87, digits: 3), .statistic(0.31, digits: 3),
        .text("diversifying"), .statistic(0.000_09, digits: 9),
      ],
    ])

  static let riskBoards = [
    (Board.risk, risk), (Board.riskLive, risk), (Board.riskParts, parts), (Board.stress, stress),
    (Board.riskLimits, limitsOfRisk), (Board.backtests, backtests),
    (Board.heatmap + "pearson:90", heatmap), (Board.radar + "pearson:90", radar),
    (Board.exposure + "venue", exposure),
  ]
}

@Suite struct RiskScreenTests {
  private func desk(_ width: Int = 80, _ height: Int = 24) throws -> Desk {
    var desk = Desk(width, height, settings: try GoldenTests.settings())
    desk.sendBoards()
    return desk
  }

  private func looked(_ desk: Desk) -> [String]? {
    desk.effects.compactMap { effect -> [String]? in
      guard case .send(.look(let names)) = effect else { return nil }
      return names
    }.last
  }

  @Test func `each screen asks for its boards, the heat map for what is chosen`() throws {
    var desk = try desk()
    desk.press("4")
    #expect(
      looked(desk) == [
        Board.alerts, Board.risk, Board.riskParts, Board.stress, Board.riskLimits, Board.backtests,
        "performance:year",
      ])
    desk.press("gh")
    #expect(looked(desk) == ["alerts", "heatmap:pearson:90", "radar:pearson:90"])
    desk.press("m")
    #expect(looked(desk) == ["alerts", "heatmap:spearman:90", "radar:spearman:90"])
    desk.press("]")
    #expect(looked(desk) == ["alerts", "heatmap:spearman:180", "radar:spearman:180"])
    desk.press(":correlation kendall 45<CR>")
    #expect(looked(desk) == ["alerts", "heatmap:kendall:45", "radar:kendall:45"])
    desk.press(":correlation moon<CR>")
    #expect(desk.model.shownMessage?.kind == .error)
  }

  @Test func `a heat map tells values without colours`() throws {
    var desk = try desk()
    desk.press("gh")
    let text = desk.model.frame().text
    #expect(text.contains("+83") && text.contains("-6"))
    #expect(text.contains("██") && text.contains("░░"))
    #expect(text.contains("?"), "what does not vary has no correlation")
    desk.press("jjl")
    #expect(desk.model.pairText == "ETH with LTC: 0.83  n 90  to 2026-02-02")
  }

  @Test func `the cell under the cursor is marked without colours`() throws {
    var desk = try desk()
    desk.press("ghjjjll")
    let row = desk.model.frame().text.split(separator: "\n").first { $0.contains("▶SOL") } ?? ""
    let marked = row.split(separator: "▶")
    #expect(marked.count == 3)
    #expect(marked.last?.hasPrefix("+83") == true)
    let frame = desk.model.frame()
    try Golden.check(
      text: "\(frame.text)\n--- attributes\n\(frame.attributes(in: try shippedTheme("mono")))\n",
      "heatmap-mono-80x24")
  }

  @Test func `every pane can be reached on a small terminal`() throws {
    var desk = try desk(40, 10)
    desk.press("4")
    var titles: Set<String> = []
    for _ in 0..<4 {
      titles.insert(String(desk.model.frame().row(1).prefix(12)))
      desk.press("<Tab>")
    }
    #expect(titles.count == 4)
  }

  @Test func `privacy hides the money and leaves the shares`() throws {
    var desk = try desk(120, 36)
    desk.press("4zp")
    let text = desk.model.frame().text
    #expect(!text.contains("4.21M") && !text.contains("830.1k"))
    #expect(text.contains("7.18"))
  }
}

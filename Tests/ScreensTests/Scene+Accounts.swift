import Canvas
import Ledger
import Wire

@testable import Screens

extension Scene {
  private static func at(_ seconds: Int64) -> ReportCell {
    .integer(now.advanced(bySeconds: seconds).microseconds)
  }

  /// Accounts in the states that there are, one with everything wrong.
  static let connections = Report(
    facts: [.init("calls_asked", .integer(120)), .init("calls_sent", .integer(80))],
    tableName: "accounts",
    columns: [
      "account", "name", "venue", "state", "fresh_at", "done_percent", "calls_left", "eta_s",
      "entries", "rights", "breaks", "key_made_at", "problem", "advice", "unseen",
    ],
    rows: [
      [
        .text("binance"), .text("Binance"), .text("binance"), .text("live"), at(-1),
        .integer(100), .integer(0), .integer(0), .integer(14_220), .text("read"), .integer(0),
        at(-8_640_000), .text(""), .text(""), .text("dust conversions before 2020"),
      ],
      [
        .text("kraken"), .text("Kraken"), .text("kraken"), .text("syncing"), at(-75),
        .integer(42), .integer(310), .integer(260), .integer(5_310), .text("read trade"),
        .integer(2), at(-864_000), .text(""), .text(""), .text(""),
      ],
      [
        .text("okx-desk"), .text("OKX desk"), .text("okx"), .text("stopped"), at(-1_440),
        .integer(97), .integer(3), .none, .integer(812), .text("read"), .integer(0),
        at(-20_000_000),
        .text("The venue does not take the key. 50111: Invalid OK-ACCESS-KEY"),
        .text("Make another key at the venue and give it here: its old one has ended."),
        .text("positions of sub-accounts; orders older than three months"),
      ],
      [
        .text("vault"), .text("Cold vault"), .text("bitcoin"), .text("polled"), at(-120),
        .integer(100), .none, .none, .integer(41), .text("watch"), .integer(0), .none,
        .text(""), .text(""), .text(""),
      ],
    ])

  static let limits = Report(
    tableName: "limits",
    columns: ["venue", "limit", "scope", "used", "capacity", "free_at", "state"],
    rows: [
      [
        .text("binance"), .text("weight"), .text("address"), .integer(4_980), .integer(6_000),
        .none, .text("open"),
      ],
      [
        .text("binance"), .text("raw requests"), .text("address"), .integer(220),
        .integer(61_000), .none, .text("open"),
      ],
      [
        .text("okx"), .text("history"), .text("okx-desk"), .integer(10), .integer(10),
        at(125), .text("banned"),
      ],
    ])

  static let okxFeeds = Report(
    tableName: "feeds",
    columns: ["feed", "state", "read_from", "read_to", "rows", "next_at", "problem"],
    rows: [
      [
        .text("balances spot"), .text("stopped"), .none, .none, .integer(0), .none,
        .text("The venue does not take the key. 50111: Invalid OK-ACCESS-KEY"),
      ],
      [
        .text("trades spot"), .text("read"), at(-94_000_000), at(-1_440), .integer(612), .none,
        .text(""),
      ],
      [
        .text("deposits"), .text("read"), at(-94_000_000), at(-1_500), .integer(88), .none,
        .text(""),
      ],
      [
        .text("withdrawals"), .text("resting"), at(-94_000_000), at(-7_200), .integer(112),
        at(300), .text(""),
      ],
    ]
      + (1...14).map { number -> [ReportCell] in
        [
          .text("orders market \(number)"), .text("waiting"), .none, .none, .integer(0), .none,
          .text(""),
        ]
      })

  /// What the engine says of a venue's key, as the verb `venue` reports it.
  static let okxKey = Report(
    facts: [.init("id", .text("okx")), .init("name", .text("OKX"))], tableName: "fields",
    columns: ["name", "label", "secret", "optional"],
    rows: [
      [.text("key"), .text("API key"), .flag(false), .flag(false)],
      [.text("secret"), .text("API secret"), .flag(true), .flag(false)],
      [.text("passphrase"), .text("Passphrase"), .flag(true), .flag(true)],
    ])
}

extension Desk {
  /// The engine sends the boards of the scene.
  mutating func sendBoards() {
    send(.engine(.board(name: Board.accounts, Scene.connections)))
    send(.engine(.board(name: Board.alerts, Scene.alerts)))
    send(.engine(.board(name: Board.limits, Scene.limits)))
    send(.engine(.board(name: Board.feeds(of: "okx-desk"), Scene.okxFeeds)))
    sendProfitBoards()
    for (name, report) in Scene.riskBoards { send(.engine(.board(name: name, report))) }
  }

  /// The number of the last request with this verb.
  func number(of verb: String) -> UInt64? {
    effects.compactMap { effect -> UInt64? in
      guard case .send(.request(let id, let request)) = effect, request.verb == verb else {
        return nil
      }
      return id
    }.last
  }
}

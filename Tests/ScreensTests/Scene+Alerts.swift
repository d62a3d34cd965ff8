import Ledger
import Wire

@testable import Screens

extension Scene {
  private static func moment(_ seconds: Int64) -> ReportCell {
    .integer(now.advanced(bySeconds: seconds).microseconds)
  }

  private static let soundLines = [
    "since\t2026-02-03 14:21:30 UTC", "!observed\t932,600 USD at 2026-02-03 14:22:05 UTC",
    "expected\t-0.42 % ± 0.84 within 5m, from BTC and ETH (beta 1.31, R² 0.74)",
    "residual\t-3.49 %, -4.1 sd; 0.02 % of 500 days are larger",
    "!touches\t-32,550 USD of 8.1 % of the NAV",
    "ground\ttwo venues agree: binance, kraken; both feeds are fresh",
    "rule\tsol-beta (alerts.toml:12): anomaly on anomaly:*",
  ].joined(separator: "\n")

  /// Alerts in every state that there is.
  static let alerts = Report(
    facts: [
      .init("open", .integer(4)), .init("critical", .integer(1)),
      .init("unacknowledged", .integer(3)), .init("last", .integer(7)),
      .init("rules_on", .integer(10)), .init("rules_off", .integer(2)),
      .init("quiet", .text("22:00-06:00 Europe/Berlin")), .init("quiet_until", .none),
      .init("through", .text("critical")), .init("not_raised", .integer(0)),
      .init("problem", .text("")),
    ], tableName: "alerts",
    columns: [
      "id", "severity", "state", "raised_at", "subject", "title", "outside", "rule", "figure",
      "lines", "runbook", "resolved_at", "snoozed_at", "blind", "by", "opinion", "asset",
    ],
    rows: [
      [
        .integer(7), .text("critical"), .text("open"), moment(-37), .text("SOL"),
        .text("SOL moved -4.1 sd against its beta, -32,550 USD"),
        .text("SOL moved -4.1 sd against its beta"), .text("sol-beta"),
        .text("anomaly:beta:SOL"), .text(soundLines),
        .text("g2 shows the position. Confirm or mute teaches the detector."), .none, .none,
        .text(""), .text(""), .text("none"), .text("native:solana"),
      ],
      [
        .integer(6), .text("warning"), .text("open"), moment(-1_440), .text("Balances of OKX desk"),
        .text("Balances of OKX desk 24m, above 20m"),
        .text("Balances of OKX desk 24m, above 20m"), .text("sync-silent"),
        .text("account:okx-desk:age"), .text("observed\t24m at 2026-02-03 14:22:05 UTC"),
        .text("coffer account status says what is wrong."), .none, .none, .text(""), .text(""),
        .text("none"), .text(""),
      ],
      [
        .integer(5), .text("warning"), .text("open"), moment(-9_700), .text("DOT price"),
        .text("DOT price fell 8.2 % within 1h: 6.43 USD from 7.01 USD"),
        .text("DOT price fell 8.2 % within 1h: 6.43 USD from 7.01 USD"), .text("price-move"),
        .text("price:DOT"), .text("observed\t6.43 USD at 2026-02-03 11:40:00 UTC"), .text(""),
        .none, .none, .text("stale: since 2026-02-03 11:52:10 UTC"), .text(""), .text("none"),
        .text(""),
      ],
      [
        .integer(3), .text("warning"), .text("acknowledged"), moment(-90_000), .text("Open breaks"),
        .text("Open breaks 2, above 0"), .text("Open breaks 2, above 0"), .text("break-opened"),
        .text("breaks"), .text("ground\tkraken"), .text("coffer breaks lists them."), .none, .none,
        .text(""), .text("kim"), .text("confirmed"), .text(""),
      ],
      [
        .integer(4), .text("info"), .text("resolved"), moment(-18_000), .text("USDC off its peg"),
        .text("USDC off its peg -0.61 %, below -0.5 %"),
        .text("USDC off its peg -0.61 %, below -0.5 %"), .text("depeg"), .text("peg:USDC"),
        .text("observed\t-0.61 % at 2026-02-03 09:12:55 UTC"), .text(""), moment(-17_000), .none,
        .text(""), .text(""), .text("muted"),
        .text("contract:ethereum:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
      ],
    ])
}

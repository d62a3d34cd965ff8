import Ledger
import Testing
import Wire

@testable import Engine

/// What the engine tells a client about keys.
@Suite struct VenueVerbTests {
  private func answer(_ request: Request) -> EngineMessage? {
    var core = EngineCore(vault: "main", mode: EngineCore.Mode())
    let client = ClientID(number: 1)
    let now = Instant(seconds: 0)
    _ = core.handle(.connected(client), at: now)
    let hello = ClientMessage.hello(version: ClientMessage.version, isReadOnly: true)
    _ = core.handle(.said(client, hello), at: now)
    let effects = core.handle(.said(client, .request(id: 7, request)), at: now)
    for case .send(_, let message) in effects { return message }
    return nil
  }

  @Test func `the parts of a key are told in the order that a request wants them`() {
    // https://www.okx.com/docs-v5/en/#overview-generating-an-api-key: key, secret key, passphrase.
    guard case .report(7, let report) = answer(Request("venue", ["venue": "okx"])) else {
      Issue.record("OKX is not described")
      return
    }
    #expect(report["name"] == .text("OKX"))
    let rows = report.rows.indices
    #expect(rows.map { report.text($0, "name") } == ["key", "secret", "passphrase"])
    #expect(
      rows.map { report.cell($0, "secret") } == [.flag(false), .flag(true), .flag(true)])
    #expect(rows.allSatisfy { report.cell($0, "optional") == .flag(false) })
  }

  @Test func `what is not there is refused with advice`() {
    guard case .refusal(7, let refusal) = answer(Request("venue", ["venue": "nowhere"])) else {
      Issue.record("an answer about nowhere")
      return
    }
    #expect(refusal.code == .notFound && refusal.advice == "Run: coffer venues")
    guard case .refusal(7, let other) = answer(Request("venue", ["account": "kraken"])) else {
      Issue.record("an answer about an account that is not there")
      return
    }
    #expect(other.code == .notFound)
  }
}

import Encodings
import Ledger
import Testing
import VenueKit
import Wallets
import Wire

@testable import Engine

/// Tokens that the user names, on chains whose nodes list none.
@Suite struct NamedTokenTests {
  private static let contract = "0x1111111111111111111111111111111111111111"

  /// A node's answer to one call.
  private static func answer(_ result: String) -> IncomingAnswer {
    IncomingAnswer(
      status: 200, body: Array(#"{"jsonrpc":"2.0","id":1,"result":"\#(result)"}"#.utf8))
  }

  private static func word(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 64 - digits.count) + digits
  }

  /// A text as contracts give it.
  ///
  /// https://docs.soliditylang.org/en/latest/abi-spec.html
  private static func text(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let rest = (32 - bytes.count % 32) % 32
    return "0x" + word(32) + word(bytes.count)
      + Hex.text(bytes + [UInt8](repeating: 0, count: rest))
  }

  /// Asks a probe whose contract gives these for `symbol()` and `decimals()`
  /// (https://eips.ethereum.org/EIPS/eip-20; 0x95d89b41 and 0x313ce567 are their selectors).
  private func probe(symbol: String, decimals: String) -> WalletProbe {
    let probe = WalletProbe()
    probe.tokens = [Self.contract]
    probe.instead = { request in
      let body = String(decoding: request.body ?? [], as: UTF8.self)
      if body.contains("0x95d89b41") { return Self.answer(symbol) }
      if body.contains("0x313ce567") { return Self.answer(decimals) }
      return nil
    }
    probe.restart()
    probe.run(seconds: 60)
    return probe
  }

  private var wallet: AccountID { WalletProbe.wallet }

  @Test func `a contract says once what it is, and is asked for from then on`() {
    let probe = probe(symbol: Self.text("XYZ"), decimals: "0x" + Self.word(6))
    let token = probe.desk.wallets.wallets[wallet]?.named[Self.contract]
    #expect(token?.symbol == "XYZ" && token?.decimals == 6)
    #expect(probe.desk.wallets.wallets[wallet]?.tokens.last?.symbol == "XYZ")
    #expect(probe.states["wallet"]?.contains("XYZ") == true)
    // After a restart it is known.
    probe.instead = { request in
      let body = String(decoding: request.body ?? [], as: UTF8.self)
      return body.contains("0x95d89b41") ? IncomingAnswer(status: 500, body: []) : nil
    }
    probe.restart()
    probe.run(seconds: 60)
    #expect(probe.desk.wallets.wallets[wallet]?.named[Self.contract]?.symbol == "XYZ")
    #expect(probe.desk.wallets.wallets[wallet]?.status.problem == "")
  }

  @Test func `a contract that answers nonsense is told, and the reading goes on without it`() {
    let probe = probe(symbol: "0x" + Self.word(7) + Self.word(9), decimals: "0x")
    let status = probe.desk.wallets.wallets[wallet]?.status
    #expect(status?.problem.contains(Self.contract) == true)
    #expect(status?.readAt != nil)
    #expect(probe.books.contains { $0.hasPrefix("treasury ETH ") })
    #expect(probe.desk.wallets.wallets[wallet]?.tokens.contains { $0.symbol == "" } == false)
  }

  @Test func `what is watched is read back with its tokens, and nothing else is taken for one`() {
    let text = WatchedText(
      text: "0xabc", chain: "base", server: "", tokens: [Self.contract])
    #expect(WatchedText(json: text.json) == text)
    let hostile = #"{"watch":"0xabc","chain":"base","tokens":["x","0x12",7,null]}"#
    #expect(WatchedText(json: hostile)?.tokens == [])
  }
}

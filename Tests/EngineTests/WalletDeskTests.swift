import Amounts
import Cipher
import Ledger
import Simulator
import Testing
import VenueKit
import Wire

@testable import Engine

/// Wallets with something inside protocols.
@Suite struct WalletDeskTests {
  /// What the simulated node says of its first address inside protocols: see `EVMContracts`.
  private static let claims = [
    "treasury.aave-v3.borrowed USDT -8000.500001 staked 0",
    "treasury.aave-v3.collateral USDC 25000.123456 staked 25000.123456",
    "treasury.lido.staked ETH 12.345678901234567891 staked 12.345678901234567891",
  ]

  private func started(_ change: (inout EVMNode) -> Void = { _ in }) -> WalletProbe {
    let probe = WalletProbe()
    change(&probe.node)
    probe.restart()
    probe.run(seconds: 60)
    return probe
  }

  private func claims(_ probe: WalletProbe) -> [String] {
    probe.books.filter { $0.hasPrefix("treasury.") }
  }

  @Test func `what lies in protocols is booked beneath the wallet, exact, of one block`() throws {
    let probe = started()
    #expect(claims(probe) == Self.claims)
    #expect(
      probe.claims.map(\.description) == ["aave-v3.borrowed", "aave-v3.collateral", "lido.staked"])
    #expect(probe.blocks.count == 1, "\(probe.blocks)")
    #expect(probe.blocks.first?.hasPrefix("0x") == true)
    // The wallet's own ether, in wei by the node.
    let wei = try #require(probe.node.truth(probe.node.addresses[0])["ETH"])
    let key = HoldingKey(account: WalletProbe.wallet, asset: .native(chain: "ethereum"))
    let held = try #require(probe.holdings.table[key])
    #expect(held.free.fixed.units == Int128(wei) && held.staked.isZero)
    #expect(
      probe.board == [
        "treasury chain:ethereum polled", "treasury.aave-v3.borrowed aave-v3 polled",
        "treasury.aave-v3.collateral aave-v3 polled", "treasury.lido.staked lido polled",
      ])
  }

  @Test func `folding the entries one by one equals rebuilding, and nothing is booked twice`()
    throws
  {
    let probe = started()
    let count = probe.entries.count
    let rebuilt = try Holdings.rebuilt(from: probe.entries.map { Entry($0) })
    #expect(rebuilt == probe.holdings)
    probe.run(seconds: 4 * 3_600)
    #expect(probe.entries.count == count)
    probe.restart()
    probe.run(seconds: 4 * 3_600)
    #expect(probe.entries.count == count)
  }

  @Test func `a protocol that fails keeps its last amounts and is told as stale`() {
    let probe = started()
    probe.node.breakProtocols(["aave-v3"])
    probe.run(seconds: 2 * 3_600)
    #expect(claims(probe) == Self.claims)
    #expect(
      probe.board == [
        "treasury chain:ethereum polled", "treasury.aave-v3.borrowed aave-v3 stale",
        "treasury.aave-v3.collateral aave-v3 stale", "treasury.lido.staked lido polled",
      ])
    let report = probe.desk.accountsBoard(names: [:], breaks: [:], at: probe.now)
    #expect(report.text(0, "problem").hasPrefix("Aave v3: execution reverted, as of "))
    let feeds = probe.feeds()
    let stale = feeds.rows.indices.filter { feeds.text($0, "state") == "stale" }
    #expect(stale.map { feeds.text($0, "feed") } == ["aave-v3 collateral", "aave-v3 borrowed"])
    #expect(stale.allSatisfy { feeds.text($0, "problem") == "execution reverted" })
    probe.node.breakProtocols([])
    probe.run(seconds: 1_200)
    #expect(probe.board.allSatisfy { $0.hasSuffix("polled") })
    #expect(claims(probe) == Self.claims)
  }

  @Test func `a protocol that fails the first time is booked once it answers`() {
    let probe = started { $0.breakProtocols(["aave-v3", "lido"]) }
    #expect(claims(probe) == [])
    #expect(probe.feeds().rows.indices.contains { probe.feeds().text($0, "state") == "stale" })
    probe.node.breakProtocols([])
    probe.run(seconds: 1_200)
    #expect(claims(probe) == Self.claims)
  }

  @Test func `what was not written is booked again, once`() {
    let probe = WalletProbe()
    probe.isDiskFull = true
    probe.restart()
    probe.run(seconds: 300)
    #expect(probe.books == [])
    probe.isDiskFull = false
    probe.run(seconds: 300)
    #expect(claims(probe) == Self.claims)
    #expect(probe.books.contains { $0.hasPrefix("treasury ETH ") })
  }

  @Test func `a wallet that is watched anew is not booked twice`() throws {
    let probe = started()
    let count = probe.entries.count
    var held: [WalletDesk.Spot: Quantity] = [:]
    for (key, holding) in probe.holdings.table {
      let rest = key.account.slug.dropFirst("treasury.".count)
      let spot = WalletDesk.Spot(place: ClaimPlace(rest), asset: key.asset)
      held[spot] = try holding.total()
    }
    probe.node.breakProtocols(["lido"])
    probe.restart(held: held, keepsStates: false)
    probe.run(seconds: 60)
    #expect(probe.entries.count == count && claims(probe) == Self.claims)
    probe.node.breakProtocols([])
    probe.run(seconds: 3_600)
    #expect(probe.entries.count == count && claims(probe) == Self.claims)
  }

  @Test func `a token that is not told keeps its amount`() {
    let probe = started()
    let before = probe.books
    #expect(before.contains { $0.hasPrefix("treasury USDC ") })
    // Every call of a batch but the chain and ether is refused: geth's words for a node without state.
    probe.instead = { request in
      let body = String(decoding: request.body ?? [], as: UTF8.self)
      guard body.contains("eth_getBalance") else { return nil }
      let refusal = #""error":{"code":-32000,"message":"missing trie node"}"#
      // The chain's number, the coin, then every token that is asked for.
      let told = #"{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":2,"result":"0x1"}"#
      let tokens = (3..<(3 + KnownAssets.tokens(of: "ethereum").count)).map {
        #"{"jsonrpc":"2.0","id":\#($0),\#(refusal)}"#
      }
      let text = "[" + ([told] + tokens).joined(separator: ",") + "]"
      return IncomingAnswer(status: 200, body: Array(text.utf8))
    }
    probe.run(seconds: 300)
    let kept = before.filter { !$0.hasPrefix("treasury ETH ") }
    #expect(probe.books.filter { !$0.hasPrefix("treasury ETH ") } == kept)
    #expect(probe.books.contains("treasury ETH 0.000000000000000001 staked 0"))
  }

  @Test func `an extended key's empty addresses end the search`() {
    // An account key of BIP-32's own vectors: https://github.com/bitcoin/bips, test vector 1, m/0'.
    let key =
      "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv"
      + "5ski8PX9rL2dZXvgGDnw"
    var desk = WalletDesk(tools: .openSSL)
    let now = Instant(seconds: 1_767_225_600)
    let text = WatchedText(text: key, chain: "ethereum", server: "")
    desk.add(WalletProbe.wallet, text, states: [:], isPaused: false, at: now)
    var node = EVMNode(seed: 3, opening: now)
    var effects = desk.tick(at: now)
    var (asked, isStored) = (0, false)
    while !effects.isEmpty, asked < 500 {
      switch effects.removeFirst() {
      case .ask(let number, _, let request):
        asked += 1
        let response = node.handle(SimulatedRequest(request), at: now)
        let answer = IncomingAnswer(status: response.status, body: response.body)
        effects += desk.take(.answered(answer), of: number, at: now)
      case .store: isStored = true
      }
    }
    // The block, then the twenty addresses of one gap.
    #expect(isStored && asked == 21)
  }
}

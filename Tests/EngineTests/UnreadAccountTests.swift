import Ledger
import Portfolio
import Sync
import Testing
import VenueKit
import Wire

@testable import Engine

/// What an account has is not known, and not nothing, until it was read.
@Suite struct UnreadAccountTests {
  private static let exchange = AccountID(named: "bitfinex")
  private static let wallet = AccountID(named: "cold")

  /// Sources: https://docs.bitfinex.com/reference/rest-auth-wallets and key-permissions there.
  static func answer(_ path: String) -> String {
    if path.contains("wallets") { return #"[["exchange","UST",5,0,5,null,null]]"# }
    return path.contains("permissions") ? #"[["wallets",1,0],["withdraw",0,0]]"# : "[]"
  }

  private func contents(isPaused: Bool = false) -> VaultContents {
    var contents = VaultContents.nothing
    contents.connections = [
      FollowedAccount(
        account: Self.exchange, venue: "bitfinex", settings: SyncSettings(), states: [:],
        isPaused: isPaused),
      FollowedAccount(
        account: Self.wallet, venue: "bitcoin", settings: SyncSettings(), states: [:],
        isPaused: isPaused,
        // The address of the first block: https://en.bitcoin.it/wiki/Genesis_block
        watch: WatchedText(
          text: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", chain: "bitcoin", server: "")),
    ]
    return contents
  }

  private func unread(_ engine: VirtualEngine) throws -> [String] {
    _ = engine.heard()
    engine.say(.watch)
    let shots = engine.heard().compactMap { message -> Snapshot? in
      if case .snapshot(let snapshot) = message { snapshot } else { nil }
    }
    return try #require(shots.last).totals.unread.map(\.slug)
  }

  @Test func `what was never read is unknown off the network and while it is paused`() throws {
    let offline = VirtualEngine([], mode: .init(isOffline: true), contents: contents())
    #expect(try unread(offline) == ["bitfinex", "cold"])
    #expect(try unread(VirtualEngine([], contents: contents(isPaused: true))).count == 2)
  }

  @Test func `an account is known from its venue's word on, and forgotten with its connection`()
    throws
  {
    let engine = VirtualEngine(["bitfinex"], contents: contents())
    engine.spoil = { job in
      guard job.account == Self.exchange else { return nil }
      return .answered(IncomingAnswer(status: 200, body: Array(Self.answer(job.call.path).utf8)))
    }
    #expect(try unread(engine) == ["bitfinex", "cold"])
    engine.run(seconds: 60)
    #expect(try unread(engine) == ["cold"])
    var changes = LedgerChanges()
    changes.disconnected = [Self.wallet]
    engine.happen(.changed(changes))
    #expect(try unread(engine) == [])
  }

  @Test func `a wallet is known once what was read of it is on the disk, also after a restart`() {
    let probe = WalletProbe()
    probe.isOnItsWay = true
    probe.restart()
    probe.run(seconds: 300)
    #expect(probe.desk.unread == [WalletProbe.wallet])
    probe.isOnItsWay = false
    probe.arrive()
    #expect(probe.desk.unread == [])
    probe.restart()
    #expect(probe.desk.unread == [])
    probe.restart(keepsStates: false)
    #expect(probe.desk.unread == [WalletProbe.wallet])
  }
}

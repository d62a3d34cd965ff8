import Foundation
import Link
import Testing
import Wire

/// A wallet with something inside protocols, through the real programs.
@Suite struct WalletPositionTests {
  private func parts(_ home: Home) throws -> [[String: Any]] {
    let answer = try home.answer("positions", "--by-account", "--account", "treasury")
    return answer["positions"] as? [[String: Any]] ?? []
  }

  // The amounts are those of the simulated node: `EVMContracts` in the simulator.
  @Test func `what lies in protocols shows with protocol, kind and exact amount`() throws {
    let world = try VenueWorld(events: 5)
    let home = try Home()
    try home.makeVault()
    #expect(try home.run(["engine", "start"], [world.variable]).status == 0)
    let connection = try home.unlock()
    let added = try home.run(
      ["wallet", "add", try world.watched("ethereum"), "--chain", "ethereum", "--name", "Treasury"])
    #expect(added.status == 0, "\(added.errors)")
    #expect(eventually(within: 60_000) { ((try? parts(home)) ?? []).count >= 4 })
    let found = try parts(home)
      .filter { ($0["kind"] as? String)?.isEmpty == false }
      .map { row in
        ["venue", "kind", "asset", "quantity"].map { "\(row[$0] ?? "")" }.joined(separator: " ")
      }
    #expect(
      found == [
        "aave-v3 borrowed USDT -8000.500001", "aave-v3 collateral USDC 25000.123456",
        "lido staked ETH 12.345678901234567891",
      ])
    let status = try home.run(["account", "status", "treasury"]).output
    #expect(status.contains("aave-v3 borrowed") && status.contains("lido staked"), "\(status)")
    #expect(try connection.ask(Request("check"))["sound"] == .flag(true))
  }

  @Test func `tokens are named later, and what is ignored is in no sum until it is trusted`() throws
  {
    let world = try VenueWorld(events: 5)
    let home = try Home()
    try home.makeVault()
    #expect(try home.run(["engine", "start"], [world.variable]).status == 0)
    _ = try home.unlock()
    let added = try home.run(
      ["wallet", "add", try world.watched("ethereum"), "--chain", "ethereum", "--name", "Treasury"])
    #expect(added.status == 0, "\(added.errors)")
    #expect(eventually(within: 60_000) { ((try? parts(home)) ?? []).count >= 4 })
    let contract = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    let named = try home.run(["wallet", "token", "treasury", contract, "--json"])
    #expect(named.status == 0 && named.output.contains(contract), "\(named.errors)")
    let gone = try home.run(["wallet", "token", "treasury", contract, "--remove", "--json"])
    #expect(gone.status == 0 && !gone.output.contains(contract), "\(gone.errors)")
    let again = try home.run(["wallet", "token", "treasury", contract, "--remove"])
    #expect(again.status != 0 && again.errors.contains("is not asked for"), "\(again.errors)")
    let strange = try home.run(["wallet", "token", "nobody", contract])
    #expect(strange.status != 0 && strange.errors.contains("nobody"), "\(strange.errors)")

    func folded() throws -> [String] {
      let rows = try home.answer("positions")["positions"] as? [[String: Any]] ?? []
      return rows.filter { $0["state"] as? String == "folded" }.compactMap {
        $0["asset"] as? String
      }
    }
    #expect(try folded() == [])
    #expect(try home.run(["asset", "ignore", "USDC"]).status == 0)
    #expect(eventually { (try? folded()) == ["USDC"] })
    let listed = try home.run(["asset", "list", "--suspect"]).output
    #expect(listed.contains("USDC") && listed.contains("ignored"), "\(listed)")
    // The word is kept.
    #expect(try home.run(["engine", "stop"]).status == 0)
    #expect(try home.run(["engine", "start"], [world.variable]).status == 0)
    _ = try home.unlock()
    #expect(eventually { (try? folded()) == ["USDC"] })
    #expect(try home.run(["asset", "trust", "USDC"]).status == 0)
    #expect(eventually { (try? folded()) == [] })
    #expect(try home.run(["asset", "ignore", "nothing-of-that"]).status != 0)
  }

  // MARK: - Electrum

  /// The signed transaction of the first example of BIP 143, which pays 1.1234 bitcoin to the
  /// watched address, and the id it has.
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki#native-p2wpkh
  private static let transaction =
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000049483045"
    + "0221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f928"
    + "1a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e"
    + "815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db"
    + "99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa"
    + "815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220"
    + "573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff"
    + "3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000"
  private static let id = "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609"

  /// Answers as https://electrumx.readthedocs.io/en/latest/protocol-methods.html says; the block's
  /// head has nothing but its time, 1600000000.
  private static func electrum(_ line: String) -> String {
    let asked = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    let head = String(repeating: "00", count: 68) + "00105e5f" + String(repeating: "00", count: 8)
    let result =
      switch asked?["method"] as? String ?? "" {
      case "server.version": #"["ElectrumX 1.16.0","1.4"]"#
      case "blockchain.scripthash.get_history": #"[{"tx_hash":"\#(id)","height":648000}]"#
      case "blockchain.scripthash.get_balance": #"{"confirmed":112340000,"unconfirmed":0}"#
      case "blockchain.transaction.get": #""\#(transaction)""#
      case "blockchain.block.header": #""\#(head)""#
      default: "null"
      }
    return #"{"jsonrpc":"2.0","id":\#(asked?["id"] as? Int ?? -1),"result":\#(result)}"#
  }

  @Test func `a wallet on an Electrum server is read with its transactions`() throws {
    let peer = try LinePeer { WalletPositionTests.electrum($0) }
    defer { peer.stop() }
    let home = try Home()
    try home.makeVault()
    let connection = try home.unlock()
    let address = "1Cu32FVupVCgHkMMRJdYJugxwo2Aprgk7H"
    let wrong = try home.run([
      "wallet", "add", address, "--chain", "bitcoin", "--server", "ssl://nowhere",
    ])
    #expect(wrong.status == 64 && wrong.errors.contains("Electrum"), "\(wrong.errors)")
    let added = try home.run([
      "wallet", "add", address, "--chain", "bitcoin", "--name", "Vault", "--server",
      "tcp://127.0.0.1:\(peer.port)",
    ])
    #expect(added.status == 0, "\(added.errors)")
    let found = eventually(within: 30_000) {
      let status = try? connection.ask(Request("status"))
      return status?["entries"] == .integer(1)
    }
    #expect(found, "\(peer.lines)")
    let ledger = try home.run(["ledger", "--account", "vault"]).output
    #expect(ledger.contains("1.1234") && ledger.contains("2020-09-13"), "\(ledger)")
    #expect(peer.lines.first?.contains("server.version") == true)
    // The history is asked for twice: whether there is anything new, then for its transactions.
    let asked = peer.lines.joined(separator: "\n")
    #expect(peer.lines.count == 6, "\(asked)")
  }
}

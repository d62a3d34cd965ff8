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
}

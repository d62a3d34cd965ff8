import Encodings
import Ledger
import Simulator
import Testing
import VenueKit

@Suite struct ChainTests {
  @Test func `esplora's transactions and outputs add up to what its addresses hold`() throws {
    var node = EsploraNode(seed: 4, transactions: 90, opening: opening)
    func get(_ path: String) throws -> Node {
      try body(
        node.handle(
          SimulatedRequest(method: "GET", host: "blockstream.info", path: "/api" + path),
          at: opening))
    }
    var total: Int64 = 0
    for address in node.addresses {
      #expect(address.hasPrefix("bc1q") && address.utf8.count == 42)
      let stats = try get("/address/\(address)")["chain_stats"]
      let held = try stats["funded_txo_sum"].integer() - stats["spent_txo_sum"].integer()
      var sum: Int64 = 0
      for row in try get("/address/\(address)/utxo").elements() {
        sum += try row["value"].integer()
      }
      #expect(sum == held)
      var seen: [String] = []
      var page = try get("/address/\(address)/txs").elements()
      var net: Int64 = 0
      while let last = page.last {
        for row in page {
          seen.append(try row["txid"].text())
          for output in try row["vout"].elements()
          where try output["scriptpubkey_address"].text() == address {
            net += try output["value"].integer()
          }
          for input in try row["vin"].elements()
          where try input["prevout"]["scriptpubkey_address"].text() == address {
            net -= try input["prevout"]["value"].integer()
          }
        }
        page = try get("/address/\(address)/txs/chain/\(last["txid"].text())").elements()
      }
      #expect(net == held)
      #expect(Set(seen).count == seen.count)
      #expect(try stats["tx_count"].integer() == Int64(seen.count))
      total += held
    }
    #expect(total == node.truth && total > 0)
    let none = node.handle(
      SimulatedRequest(method: "GET", host: "", path: "/api/nothing"), at: opening)
    #expect(none.status == 404)
  }

  @Test func `an ethereum node's logs add up to its balances`() throws {
    var node = EVMNode(seed: 4, transfers: 200, opening: opening)
    node.logBlocksMost = 1_000_000
    func call(_ text: String) throws -> Node {
      try body(
        node.handle(
          SimulatedRequest(
            method: "POST", host: "ethereum-rpc.publicnode.com", path: "/", body: text),
          at: opening))
    }
    func number(_ node: Node) throws -> UInt128 {
      try #require(UInt128(try node.text().dropFirst(2), radix: 16))
    }
    let batch = try call(
      #"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"eth_blockNumber"},{"jsonrpc":"2.0","id":3,"method":"eth_nothing"}]"#
    )
    #expect(try batch[0]["result"].text() == "0x1")
    #expect(try batch[2]["error"]["code"].integer() == -32_601)
    let topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    for address in node.addresses {
      let word = "0x" + String(repeating: "0", count: 24) + address.dropFirst(2)
      var sums: [String: Int128] = [:]
      for (topics, sign) in [
        (#"["\#(topic)",null,"\#(word)"]"#, Int128(1)), (#"["\#(topic)","\#(word)"]"#, -1),
      ] {
        let logs = try call(
          #"{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"fromBlock":"0x1000000","toBlock":"latest","topics":\#(topics)}]}"#
        )
        #expect(logs["error"].isNothing == false)
        let near = try call(
          #"{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"fromBlock":"\#(from)","toBlock":"latest","topics":\#(topics)}]}"#
        )
        for row in try near["result"].elements() {
          sums[try row["address"].text(), default: 0] += sign * Int128(try number(row["data"]))
        }
      }
      let truth = node.truth(address)
      for token in EVMNode.tokens {
        let data = "0x70a08231" + word.dropFirst(2)
        let held = try call(
          #"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"\#(token.contract)","data":"\#(data)"},"latest"]}"#
        )
        let balance = try number(held["result"])
        #expect(balance == truth[token.symbol])
        #expect(Int128(balance) == sums[token.contract] ?? 0)
      }
      let ether = try call(
        #"{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["\#(address)","latest"]}"#)
      #expect(try number(ether["result"]) == truth["ETH"])
    }
  }

  /// 40 days before the opening, in blocks of twelve seconds: below a million.
  private var from: String {
    let block = 15_537_393 + (opening.seconds - 40 * 86_400 - 1_663_224_162) / 12
    return "0x" + String(block, radix: 16)
  }
}

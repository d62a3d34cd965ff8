import Encodings
import Ledger
import TestSupport
import Testing
import VenueKit
import Wallets

@Suite struct ChainTests {
  private let owner = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

  private func reader(_ chain: String, _ kind: ChainServer.Kind) -> ChainReader {
    ChainReader(server: ChainServer(chain: chain, kind: kind, url: "https://node.example/"))
  }

  @Test func `a batch may be answered in any order`() throws {
    let token = TokenContract(address: Array(repeating: 7, count: 20), symbol: "T", decimals: 2)
    let calls = reader("ethereum", .ethereum).plan(for: [owner], tokens: [token])
    #expect(calls.count == 1)
    let reading = try calls[0].read(
      answer(
        """
        [{"jsonrpc":"2.0","id":3,"result":"0x00000000000000000000000000000000000000000000000000000000000000fa"},
         {"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":2,"result":"0xde0b6b3a7640000"}]
        """))
    #expect(reading.account.balances.map(\.amount.text) == ["1", "2.5"])
  }

  @Test func `a server of another chain is found out`() {
    let calls = reader("ethereum", .ethereum).plan(for: [owner])
    let found = fault { () throws(ChainFault) in
      try calls[0].read(
        answer("[{\"id\":1,\"result\":\"0x89\"},{\"id\":2,\"result\":\"0x0\"}]"))
    }
    #expect(found == .wrongChain("polygon"))
  }

  @Test func `a missing balance is unknown and not nothing`() {
    let calls = reader("ethereum", .ethereum).plan(for: [owner])
    let found = fault { () throws(ChainFault) in
      try calls[0].read(answer("[{\"id\":1,\"result\":\"0x1\"}]"))
    }
    #expect(found != nil)
    let empty = fault { () throws(ChainFault) in try calls[0].read(answer("[]")) }
    #expect(empty != nil)
    let page = fault { () throws(ChainFault) in try calls[0].read(answer("<html>busy</html>")) }
    #expect(page != nil)
  }

  @Test func `requests name the method, the address and the block`() throws {
    let node = EthereumNode(chain: "ethereum", url: "https://node.example")
    let request = node.balance(owner, at: .number(255)).request
    let body = String(decoding: request.body ?? [], as: UTF8.self)
    #expect(
      body
        == "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBalance\",\"params\":[\"\(owner)\",\"0xff\"]}"
    )
    #expect(request.method == "POST")
  }

  @Test func `pages are followed to their end`() throws {
    let calls = reader("cosmos-hub", .cosmos).plan(for: ["cosmos1x"])
    #expect(calls.count == 4)
    let first = try calls[0].read(
      answer(
        "{\"balances\":[{\"denom\":\"uatom\",\"amount\":\"1\"}],\"pagination\":{\"next_key\":\"a+/=\"}}"
      ))
    #expect(first.more.count == 1)
    #expect(first.more[0].request.url.hasSuffix("?pagination.key=a%2B%2F%3D"))
    let second = try first.more[0].read(
      answer("{\"balances\":[],\"pagination\":{\"next_key\":null}}"))
    #expect(second.more.isEmpty)
  }

  @Test func `an account that a chain never saw has nothing`() throws {
    let calls = reader("stellar", .stellar).plan(for: ["GX"])
    let reading = try calls[0].read(answer("{\"status\":404}", status: 404))
    #expect(!reading.account.exists)
    #expect(reading.account.balances.map(\.amount.text) == ["0"])
    let broken = fault { () throws(ChainFault) in try calls[0].read(answer("{}", status: 500)) }
    #expect(broken == .status(500))
  }

  /// Change is no payment (regression 32), and two addresses of one wallet are one side (29).
  @Test func `a spend of two own addresses with change is one payment`() throws {
    let text = """
      [{"txid":"aa","fee":1000,"status":{"confirmed":true,"block_height":1,"block_time":5},
      "vin":[{"prevout":{"scriptpubkey_address":"own1","value":60000}},
      {"prevout":{"scriptpubkey_address":"own2","value":50000}}],
      "vout":[{"scriptpubkey_address":"shop","value":100000},
      {"scriptpubkey_address":"own3","value":9000},{"scriptpubkey":"6a","value":0}]}]
      """
    let server = EsploraServer(chain: "bitcoin", url: "https://node.example")
    let transaction = try server.transactions("own1").read(answer(text))[0]
    let effect = transaction.effect(own: ["own1", "own2", "own3"])
    #expect(effect?.net.text == "-0.00101")
    #expect(effect?.sentTo == ["shop"])
    #expect(effect?.change.text == "0.00009")
    #expect(effect?.fee?.text == "0.00001")
    let other = transaction.effect(own: ["shop"])
    #expect(other?.net.text == "0.001")
    #expect(other?.fee == nil)
    #expect(other?.sentTo == [])
  }

  // Made by hand after https://github.com/trezor/blockbook/blob/master/docs/api.md.
  @Test func `Blockbook's transactions say the same as Esplora's`() throws {
    let text = """
      {"page":1,"totalPages":3,"transactions":[{"txid":"aa","vin":[{"addresses":["own"],"isAddress":true,
      "value":"250000000"}],"vout":[{"value":"100000000","addresses":["shop"],"isAddress":true},
      {"value":"149000000","addresses":["own"],"isAddress":true},
      {"value":"0","addresses":["OP_RETURN (hi)"],"isAddress":false}],
      "blockHeight":5,"blockTime":1700000000,"fees":"1000000"}]}
      """
    let server = BlockbookServer(chain: "dogecoin", url: "https://node.example")
    let page = try server.transactions("own").read(answer(text))
    #expect(page.pages == 3)
    let effect = page.transactions[0].effect(own: ["own"])
    #expect(effect?.net.text == "-1.01")
    #expect(effect?.sentTo == ["shop"])
    #expect(page.transactions[0].time == 1_700_000_000)
  }

  /// https://electrumx.readthedocs.io/en/latest/protocol-basics.html#script-hashes: the address of
  /// the first block's reward.
  @Test func `an Electrum line asks for the script's hash`() throws {
    let network = ScriptNetwork.named("bitcoin")
    let script = network?.script(of: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", tools: tools)
    let genesis = try #require(script)
    #expect(
      genesis.scriptHash(tools: tools)
        == "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161")
    let call = ElectrumServer.balance(of: genesis, chain: "bitcoin", id: 4, tools: tools)
    #expect(call.line.last == 0x0A)
    let account = try call.read(
      Array("{\"id\":4,\"result\":{\"confirmed\":103873966,\"unconfirmed\":-5}}".utf8))
    #expect(account.balances.map(\.amount.text) == ["1.03873966", "-0.00000005"])
    let strange = fault { () throws(ChainFault) in
      try call.read(Array("{\"id\":5,\"result\":{}}".utf8))
    }
    #expect(strange != nil)
  }

  @Test func `spoilt answers give a fault or a value`() {
    var random = Seeded(21)
    let node = EthereumNode(chain: "ethereum", url: "https://node.example")
    let texts = [
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x00000020000000000000000000000000000000000000000000\"}",
      "{\"id\":1,\"result\":[{\"address\":\"0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48\",\"topics\":[]}]}",
      "{\"result\":{\"account_data\":{\"Balance\":\"999999999960\",\"OwnerCount\":2}}}",
      "{\"balances\":[{\"balance\":\"100.0000000\",\"selling_liabilities\":\"10.0\",\"asset_type\":\"native\"}]}",
      "{\"free\":\"1\",\"reserved\":\"2\",\"frozen\":\"3\"}",
      "{\"id\":1,\"result\":{\"value\":[{\"account\":{\"data\":{\"parsed\":{\"info\":{\"mint\":\"M\","
        + "\"tokenAmount\":{\"amount\":\"5\",\"decimals\":6}}}}}}]}}",
    ]
    for round in 0..<1_200 {
      let body = random.mutated(Array(texts[round % texts.count].utf8))
      let spoilt = IncomingAnswer(status: 200, body: body)
      _ = fault { () throws(ChainFault) in try node.balance("0x").read(spoilt) }
      _ = fault { () throws(ChainFault) in try node.call("0x", []).read(spoilt).text() }
      _ = fault { () throws(ChainFault) in
        try node.transfers(of: [], isIncoming: true, from: 0, to: 1).read(spoilt)
      }
      for kind in ChainServer.Kind.allCases {
        for call in reader("polkadot", kind).plan(for: [owner]) {
          _ = fault { () throws(ChainFault) in try call.read(spoilt) }
        }
      }
    }
  }
}

import Encodings
import Ledger
import TestSupport
import Testing
import VenueKit
import Wallets

/// Transactions as Electrum servers give them.
@Suite struct ElectrumTests {
  private let network = ScriptNetwork.named("bitcoin")

  /// The reward of the first block.
  ///
  /// Source: https://developer.bitcoin.org/reference/transactions.html#coinbase-input-the-input-of-the-first-transaction-in-a-block
  /// tells the form; the bytes stand in `chainparams.cpp` of https://github.com/bitcoin/bitcoin.
  private static let genesis =
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d"
    + "0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b20"
    + "6f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678a"
    + "fdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112"
    + "de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"

  /// The signed transaction of the first example of BIP 143.
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki#native-p2wpkh
  private static let segwit =
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000049483045"
    + "0221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f928"
    + "1a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e"
    + "815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db"
    + "99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa"
    + "815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220"
    + "573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff"
    + "3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000"

  private func raw(_ hex: String) throws -> RawTransaction {
    let (bytes, network) = (try #require(Hex.bytes(hex)), try #require(network))
    return try RawTransaction(bytes, network: network, tools: tools)
  }

  @Test func `a transaction's id comes from its bytes, without its witnesses`() throws {
    let first = try raw(Self.genesis)
    #expect(first.id == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")
    #expect(first.inputs.isEmpty && first.outputs.map(\.amount.text) == ["50"])
    let second = try raw(Self.segwit)
    // Computed with hashlib of Python from the bytes without marker, flag and witnesses.
    #expect(second.id == "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609")
    // 1.1234 and 2.2345 bitcoin, by the BIP; addresses by base58 of the hashes in it.
    #expect(second.outputs.map(\.amount.text) == ["1.1234", "2.2345"])
    #expect(
      second.outputs.map(\.address) == [
        "1Cu32FVupVCgHkMMRJdYJugxwo2Aprgk7H", "16TZ8J6Q5iZKBWizWzFAYnrsaox5Z5aBRV",
      ])
    #expect(
      second.inputs.map(\.id) == [
        "9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff",
        "8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef",
      ])
  }

  @Test func `broken bytes give a fault and never a trap`() throws {
    let network = try #require(network)
    var seeded = Seeded(20_261_121)
    for text in [Self.genesis, Self.segwit] {
      let bytes = try #require(Hex.bytes(text))
      for end in 0..<bytes.count {
        let read = try? RawTransaction(Array(bytes[..<end]), network: network, tools: tools)
        #expect(read == nil || text == Self.segwit)
      }
      for _ in 0..<2_000 {
        _ = try? RawTransaction(seeded.mutated(bytes), network: network, tools: tools)
      }
    }
  }

  // MARK: - What a wallet did

  /// A transaction of one version, without witnesses: inputs by id and place, outputs by script.
  private func made(
    _ inputs: [(id: String, place: UInt8)], _ outputs: [(units: UInt64, address: String)]
  ) throws -> RawTransaction {
    let network = try #require(network)
    var bytes: [UInt8] = [2, 0, 0, 0, UInt8(inputs.count)]
    for input in inputs {
      bytes += try #require(Hex.bytes(input.id)).reversed()
      bytes += [input.place, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    }
    bytes.append(UInt8(outputs.count))
    for output in outputs {
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: output.units >> UInt64($0 * 8)) }
      let script = try #require(network.script(of: output.address, tools: tools)).bytes
      bytes += [UInt8(script.count)] + script
    }
    return try RawTransaction(bytes + [0, 0, 0, 0], network: network, tools: tools)
  }

  // Receiving and change addresses 0/0, 0/1 and 1/0 of
  // https://github.com/bitcoin/bips/blob/master/bip-0084.mediawiki; the others are strangers.
  private let own = [
    "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
    "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
  ]
  private let stranger = "1Cu32FVupVCgHkMMRJdYJugxwo2Aprgk7H"

  @Test func `a payment and its change are seen through the histories, with the fee`() throws {
    let far = String(repeating: "ab", count: 32)
    let got = try made([(far, 3)], [(70_000_000, stranger), (5_000_000, own[0])])
    let more = try made([(far, 4)], [(3_000_000, own[1])])
    // 0.05 and 0.03 in, 0.06 out to a stranger, 0.0199 back: a fee of 0.0001.
    let paid = try made(
      [(got.id, 1), (more.id, 0)], [(6_000_000, stranger), (1_990_000, own[2])])
    var history = ElectrumHistory()
    history.take([.init(id: got.id, height: 100), .init(id: paid.id, height: 102)], of: own[0])
    history.take([.init(id: more.id, height: 101), .init(id: paid.id, height: 102)], of: own[1])
    history.take([.init(id: paid.id, height: 102)], of: own[2])
    let (all, mine) = (Set(own), Set([own[0], own[2]]))
    let first = try history.missing(of: mine, own: all)
    #expect(first.transactions == [got.id, paid.id].sorted() && first.heights == [100, 102])
    history.take(paid)
    history.take(got)
    for height in [100, 102] { history.take(time: 1_600_000_000 + UInt64(height), at: height) }
    // The other input's worth is still to be asked, the stranger's is not.
    let second = try history.missing(of: mine, own: all)
    #expect(second.transactions == [more.id] && second.heights.isEmpty)
    history.take(more)
    #expect(try history.missing(of: mine, own: all).isEmpty)
    let found = history.transactions(of: mine, own: all)
    #expect(found.map(\.id) == [got.id, paid.id])
    let effects = found.compactMap { $0.effect(own: all) }
    #expect(effects.map(\.net.text) == ["0.05", "-0.0601"])
    #expect(effects.map { $0.fee?.text } == [nil, "0.0001"])
    #expect(effects.map(\.sentTo) == [[], [stranger]])
    #expect(found.map(\.time) == [1_600_000_100, 1_600_000_102])
  }

  @Test func `what is in no block is neither asked for nor told`() throws {
    let far = String(repeating: "cd", count: 32)
    var history = ElectrumHistory()
    history.take([.init(id: far, height: 0), .init(id: far, height: -1)], of: own[0])
    #expect(try history.missing(of: Set(own), own: Set(own)).isEmpty)
    #expect(history.transactions(of: Set(own), own: Set(own)).isEmpty)
  }

  // MARK: - Places

  @Test(arguments: [
    ("ssl://electrum.example.org:50002", "electrum.example.org", 50_002, true, false),
    ("ssl://Host:1/", "host", 1, true, false),
    ("tcp://127.0.0.1:50001", "127.0.0.1", 50_001, false, false),
    ("ssl://[2001:db8::1]:50002", "2001:db8::1", 50_002, true, false),
    ("ssl://h:50002#sha256=" + String(repeating: "AB:", count: 31) + "AB", "h", 50_002, true, true),
  ])
  func `a server's address is read`(
    text: String, host: String, port: Int, isSecure: Bool, isPinned: Bool
  ) throws {
    let place = try #require(ElectrumPlace(text))
    #expect(place.host == host && place.port == port && place.isSecure == isSecure)
    #expect((place.fingerprint == [UInt8](repeating: 0xAB, count: 32)) == isPinned)
  }

  @Test(arguments: [
    "https://h:50002", "ssl://h", "ssl://h:", "ssl://h:0", "ssl://h:65536", "ssl://:1", "ssl://",
    "ssl://a b:1", "ssl://u@h:1", "ssl://h:1#sha256=ab", "ssl://h:1#", "ssl://2001:db8::1",
    "tcp://h:1#sha256=" + String(repeating: "ab", count: 32), "ssl://h:1/path", "ssl://ä:1",
  ])
  func `any other text is no server's address`(text: String) {
    #expect(ElectrumPlace(text) == nil)
  }

  @Test func `an unused address costs one question, a used one two`() throws {
    let server = ChainServer(chain: "bitcoin", kind: .electrum, url: "ssl://h:50002")
    let node = try #require(ElectrumNode(server: server, tools: tools))
    let call = try #require(node.account(own[0]))
    #expect(call.request.url == "ssl://h:50002" && call.request.method == ElectrumNode.method)
    let none = try call.read(answer(#"{"id":7,"result":[]}"#))
    #expect(!none.account.exists && none.more.isEmpty)
    let id = String(repeating: "ab", count: 32)
    let some = try call.read(
      answer(
        #"{"id":7,"result":[{"tx_hash":"\#(id)","height":5},{"tx_hash":"\#(id)","height":0}]}"#))
    #expect(some.account.exists && some.account.transactionCount == 1 && some.more.count == 1)
    let balance = try some.more[0].read(
      answer(#"{"id":8,"result":{"confirmed":103873966,"unconfirmed":-5}}"#))
    #expect(balance.account.balances.map(\.amount.text) == ["1.03873966", "-0.00000005"])
    #expect(throws: ChainFault.self) {
      try call.read(answer(#"{"id":7,"error":{"code":1,"message":"history too large"}}"#))
    }
  }

  private func answer(_ text: String) -> IncomingAnswer {
    IncomingAnswer(status: 200, body: Array(text.utf8))
  }
}

import Amounts
import Cipher
import Encodings
import Ledger
import Sync
import Testing
import VenueKit
import Wallets

@testable import Engine

/// What is said of those who pay to a wallet, and of tokens whose servers tell little.
@Suite struct WalletScreenTests {
  private static let account = AccountID(named: "vault")
  // Addresses of https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki, and others that
  // have only their ends in common with the first one.
  private static let own = "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"
  private static let shop = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
  private static let alike = "bc1qw508xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxf3t4"
  private static let stranger = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"

  /// A transaction as https://github.com/Blockstream/esplora/blob/master/API.md tells it.
  private static func transaction(
    _ id: String, _ time: Int, from: String, _ amount: Int, to: String, fee: Int = 0
  ) -> String {
    #"{"txid":"\#(id)","fee":\#(fee),"status":{"confirmed":true,"block_height":1,"#
      + #""block_time":\#(time)},"vin":[{"prevout":{"scriptpubkey_address":"\#(from)","#
      + #""value":\#(amount + fee)}}],"vout":[{"scriptpubkey_address":"\#(to)","value":\#(amount)}]}"#
  }

  /// Reads a wallet of transactions, newest first as servers give them.
  private func read(
    _ transactions: [String], states: [String: String] = [:], chain: String = "bitcoin"
  ) -> SyncBatch? {
    var desk = WalletDesk(tools: .openSSL)
    let now = Instant(seconds: 1_767_225_600)
    let text = WatchedText(text: Self.own, chain: chain, server: "")
    desk.add(Self.account, text, states: states, isPaused: false, at: now)
    var effects = desk.tick(at: now)
    var stored: SyncBatch?
    while !effects.isEmpty {
      switch effects.removeFirst() {
      case .ask(let number, _, let request):
        let isList = request.url.hasSuffix("/txs")
        let account =
          #"{"chain_stats":{"funded_txo_sum":0,"spent_txo_sum":0,"tx_count":\#(transactions.count)},"#
          + #""mempool_stats":{"funded_txo_sum":0,"spent_txo_sum":0,"tx_count":0}}"#
        let body = isList ? "[" + transactions.joined(separator: ",") + "]" : account
        effects += desk.take(
          .answered(IncomingAnswer(status: 200, body: Array(body.utf8))), of: number, at: now)
      case .store(let batch): stored = batch
      }
    }
    return stored
  }

  private let history = [
    transaction("d", 400, from: alike, 100_000, to: own),
    transaction("c", 300, from: stranger, 546, to: own),
    transaction("b", 200, from: own, 1_000_000, to: shop, fee: 200),
    transaction("a", 100, from: alike, 2_000_000, to: own),
  ]

  @Test func `who looks like somebody that was paid before, and crumbs of strangers, are marked`()
    throws
  {
    let batch = try #require(read(history))
    let notes = batch.entries.map(\.details.note)
    #expect(
      notes == [
        // Nobody was paid yet that it could look like.
        "", Self.shop,
        "suspect: a crumb from a stranger, which may be there to trace the wallet",
        "suspect: came from \(Self.alike), which looks like \(Self.shop) and is another address",
      ])
  }

  @Test
  func `a payment to an address that looks like an earlier one is marked, after a restart too`()
    throws
  {
    let first = try #require(read(history))
    let wrong = Self.transaction("e", 500, from: Self.own, 50_000, to: Self.alike, fee: 200)
    // The server tells only what is new.
    let second = try #require(read([wrong], states: first.states))
    let mark = "paid to \(Self.alike), which looks like \(Self.shop) and is another address"
    #expect(second.entries.map(\.details.note) == ["\(Self.alike); suspect: \(mark)"])
    let unknown = try #require(read([wrong]))
    #expect(unknown.entries.map(\.details.note) == [Self.alike])
  }

  /// The contract stands in https://tether.to/en/supported-protocols; the answer's form in
  /// https://developers.tron.network/reference/get-account-info-by-address.
  @Test func `a token that everybody knows counts also where its server tells no decimals`() throws
  {
    let usdt = AssetID.contract(chain: "tron", address: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
    let units = try #require(UInt256(decimal: "1234567"))
    let told = ChainBalance(
      usdt, symbol: "TR7", ChainAmount(units: units, decimals: 0), areDecimalsKnown: false
    ).told
    #expect(told.areDecimalsKnown && told.amount.text == "1.234567" && told.symbol == "USDT")
    let other = ChainBalance(
      .contract(chain: "tron", address: "Tother"), symbol: "Tother",
      ChainAmount(units: units, decimals: 0), areDecimalsKnown: false)
    #expect(other.told == other)
  }

  @Test func `a wallet taken up anew while a batch is on its way is not booked twice`() {
    let probe = WalletProbe()
    probe.isOnItsWay = true
    probe.restart()
    probe.run(seconds: 60)
    #expect(probe.entries.isEmpty)
    // A token is named, say: the wallet starts with what was kept before the batch.
    probe.takeUpAgain()
    probe.run(seconds: 300)
    probe.isOnItsWay = false
    probe.arrive()
    probe.run(seconds: 600)
    let plain = WalletProbe()
    plain.restart()
    plain.run(seconds: 60)
    #expect(!plain.books.isEmpty && probe.books == plain.books)
    #expect(probe.entries.count == plain.entries.count)
  }
}

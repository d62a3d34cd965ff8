import Encodings
public import Ledger

/// A Bitcoin node behind Esplora's REST interface, with the history of some addresses.
///
/// https://github.com/Blockstream/esplora/blob/master/API.md
public struct EsploraNode: SimulatedService {
  /// `bitcoin`.
  public let venue = "bitcoin"
  /// The public servers it stands for.
  public let hosts = ["blockstream.info", "mempool.space"]
  /// The addresses with a history, in order.
  public let addresses: [String]
  private var transactions: [Transaction] = []

  private struct Output: Sendable {
    let address: String
    let value: Int64
  }

  private struct Input: Sendable {
    let transaction: String
    let place: Int
    let spent: Output
  }

  private struct Transaction: Sendable {
    let id: String
    let time: Instant
    let inputs: [Input]
    let outputs: [Output]
    var fee: Int64 {
      inputs.reduce(0) { $0 + $1.spent.value } - outputs.reduce(0) { $0 + $1.value }
    }

    func touches(_ address: String) -> Bool {
      outputs.contains { $0.address == address } || inputs.contains { $0.spent.address == address }
    }
  }

  /// Makes a chain.
  ///
  /// - Parameters:
  ///   - seed: Decides everything.
  ///   - addresses: The addresses that get a history; empty makes eight of its own.
  ///   - transactions: How many transactions they have in all.
  ///   - opening: When the history ends.
  ///   - days: How many days it is long.
  public init(
    seed: UInt64, addresses: [String] = [], transactions: Int = 40, opening: Instant,
    days: Int64 = 400
  ) {
    let seed = mixed(seed, 11)
    self.addresses =
      addresses.isEmpty
      ? (0..<8).map { Bech32Text.address(SeededText.bytes(20, mixed(seed, $0))) } : addresses
    var generator = SeededGenerator(seed: seed)
    var unspent: [Input] = []
    let step = days * 86_400 / Int64(max(transactions, 1) + 1)
    for number in 0..<transactions {
      let time = opening.advanced(bySeconds: -days * 86_400 + step * Int64(number + 1))
      let id = SeededText.hex(64, mixed(seed, UInt64(number), 13))
      let own = self.addresses[Int(generator.next() % UInt64(self.addresses.count))]
      let isOut = unspent.count > 3 && generator.next() % 3 == 0
      let made =
        isOut
        ? EsploraNode.spending(id, time, own, &unspent, &generator)
        : EsploraNode.receiving(id, time, own, &generator)
      for (place, output) in made.outputs.enumerated()
      where self.addresses.contains(output.address) {
        unspent.append(Input(transaction: id, place: place, spent: output))
      }
      self.transactions.append(made)
    }
  }

  private static func outside(_ generator: inout SeededGenerator) -> String {
    Bech32Text.address(SeededText.bytes(20, generator.next()))
  }

  private static func receiving(
    _ id: String, _ time: Instant, _ own: String, _ generator: inout SeededGenerator
  ) -> Transaction {
    let value = 20_000 + Int64(generator.next() % 30_000_000)
    let spent = Output(address: outside(&generator), value: value + 2_000_000)
    let input = Input(
      transaction: SeededText.hex(64, generator.next()), place: 0, spent: spent)
    let change = Output(address: outside(&generator), value: 1_995_000)
    return Transaction(
      id: id, time: time, inputs: [input],
      outputs: [Output(address: own, value: value), change])
  }

  private static func spending(
    _ id: String, _ time: Instant, _ own: String, _ unspent: inout [Input],
    _ generator: inout SeededGenerator
  ) -> Transaction {
    let input = unspent.removeFirst()
    let fee: Int64 = 1_410
    let sent = input.spent.value / 3
    return Transaction(
      id: id, time: time, inputs: [input],
      outputs: [
        Output(address: outside(&generator), value: sent),
        Output(address: own, value: input.spent.value - sent - fee),
      ])
  }

  /// What the addresses hold in all, in satoshi.
  public var truth: Int64 {
    transactions.reduce(0) { sum, transaction in
      let got = transaction.outputs.filter { addresses.contains($0.address) }
      let gone = transaction.inputs.filter { addresses.contains($0.spent.address) }
      return sum + got.reduce(0) { $0 + $1.value } - gone.reduce(0) { $0 + $1.spent.value }
    }
  }

  // MARK: - Answers

  /// Ten minutes a block since the first.
  private static func height(_ time: Instant) -> Int64 { (time.seconds - 1_231_006_505) / 600 }

  private static func hash(_ height: Int64) -> String {
    String(repeating: "0", count: 16) + SeededText.hex(48, UInt64(bitPattern: height))
  }

  /// Answers; the path may begin with `/api`.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    var parts = request.parts
    if parts.first == "api" { parts.removeFirst() }
    switch (parts.first ?? "", parts.count) {
    case ("blocks", 3) where parts[2] == "height":
      return EsploraNode.text(String(EsploraNode.height(now)))
    case ("blocks", 3) where parts[2] == "hash":
      return EsploraNode.text(EsploraNode.hash(EsploraNode.height(now)))
    case ("block-height", 2):
      guard let height = Int64(parts[1]), height <= EsploraNode.height(now) else { break }
      return EsploraNode.text(EsploraNode.hash(height))
    case ("fee-estimates", 1): return .json(["1": .number("12.5"), "6": .number("5.1")])
    case ("tx", 2):
      guard let found = transactions.first(where: { $0.id == parts[1] }) else { break }
      return .json(row(found))
    case ("address", 2): return .json(statistics(parts[1], at: now))
    case ("address", 3...5): return list(parts, at: now)
    default: break
    }
    return EsploraNode.text("Not found", status: 404)
  }

  private static func text(_ text: String, status: Int = 200) -> SimulatedResponse {
    SimulatedResponse(
      status: status, headers: [SimulatedHeader(name: "Content-Type", value: "text/plain")],
      body: Array(text.utf8))
  }

  private func statistics(_ address: String, at now: Instant) -> JSON {
    let known = transactions.filter { $0.time <= now && $0.touches(address) }
    let got = known.flatMap(\.outputs).filter { $0.address == address }
    let gone = known.flatMap(\.inputs).filter { $0.spent.address == address }
    return [
      "address": .string(address),
      "chain_stats": [
        "funded_txo_count": .count(got.count),
        "funded_txo_sum": .whole(got.reduce(0) { $0 + $1.value }),
        "spent_txo_count": .count(gone.count),
        "spent_txo_sum": .whole(gone.reduce(0) { $0 + $1.spent.value }),
        "tx_count": .count(known.count),
      ],
      "mempool_stats": [
        "funded_txo_count": 0, "funded_txo_sum": 0, "spent_txo_count": 0, "spent_txo_sum": 0,
        "tx_count": 0,
      ],
    ]
  }

  /// 25 confirmed transactions at a time, newest first.
  private func list(_ parts: [String], at now: Instant) -> SimulatedResponse {
    let known = transactions.filter { $0.time <= now && $0.touches(parts[1]) }.reversed()
    switch parts.dropFirst(2).first {
    case "txs":
      if parts.count > 3, parts[3] == "mempool" { return .json([]) }
      var rest = Array(known)[...]
      if parts.count == 5, let place = rest.firstIndex(where: { $0.id == parts[4] }) {
        rest = rest[(place + 1)...]
      }
      return .json(.array(rest.prefix(25).map(row)))
    case "utxo": return .json(.array(unspent(parts[1], Array(known.reversed()))))
    default: return EsploraNode.text("Not found", status: 404)
    }
  }

  private func unspent(_ address: String, _ known: [Transaction]) -> [JSON] {
    let gone = Set(known.flatMap(\.inputs).map { "\($0.transaction):\($0.place)" })
    var rows: [JSON] = []
    for transaction in known {
      for (place, output) in transaction.outputs.enumerated()
      where output.address == address && !gone.contains("\(transaction.id):\(place)") {
        rows.append([
          "txid": .string(transaction.id), "vout": .count(place),
          "status": EsploraNode.status(transaction), "value": .whole(output.value),
        ])
      }
    }
    return rows
  }

  private static func status(_ transaction: Transaction) -> JSON {
    let height = height(transaction.time)
    return [
      "confirmed": true, "block_height": .whole(height), "block_hash": .string(hash(height)),
      "block_time": .seconds(transaction.time),
    ]
  }

  private func row(_ transaction: Transaction) -> JSON {
    func output(_ output: Output) -> JSON {
      [
        "scriptpubkey": "", "scriptpubkey_asm": "", "scriptpubkey_type": "v0_p2wpkh",
        "scriptpubkey_address": .string(output.address), "value": .whole(output.value),
      ]
    }
    let inputs = transaction.inputs.map { input -> JSON in
      [
        "txid": .string(input.transaction), "vout": .count(input.place),
        "prevout": output(input.spent), "scriptsig": "", "scriptsig_asm": "",
        "is_coinbase": false, "sequence": 4_294_967_293,
      ]
    }
    return [
      "txid": .string(transaction.id), "version": 2, "locktime": 0, "vin": .array(inputs),
      "vout": .array(transaction.outputs.map(output)), "size": 222, "weight": 561,
      "fee": .whole(transaction.fee), "status": EsploraNode.status(transaction),
    ]
  }
}

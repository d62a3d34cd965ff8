/// What an Electrum server told of a wallet's transactions, and what is still to be asked.
///
/// A server gives transactions as nodes send them: what an input was worth stands in another one. A
/// transaction that spends an output of the wallet is in the history of that output's address, so
/// that with the histories of all used addresses it is known which inputs are the wallet's own.
public struct ElectrumHistory: Sendable {
  /// The most transactions of a wallet that are read.
  public static let mostTransactions = 20_000

  private var entries: [String: [ElectrumServer.HistoryEntry]] = [:]
  private var raws: [String: RawTransaction] = [:]
  private var times: [Int: UInt64] = [:]

  /// Knows nothing.
  public init() {}

  /// Forgets which transactions belong to which address; what was read of them stays.
  public mutating func restart() { entries = [:] }

  /// Takes the transactions of an address.
  public mutating func take(_ list: [ElectrumServer.HistoryEntry], of address: String) {
    entries[address] = list
  }

  /// Takes a transaction.
  public mutating func take(_ raw: RawTransaction) { raws[raw.id] = raw }

  /// Takes the time of a block.
  public mutating func take(time: UInt64, at height: Int) { times[height] = time }

  /// What is still to be asked.
  public struct Missing: Hashable, Sendable {
    /// Transactions, by id.
    public let transactions: [String]
    /// Blocks, by height.
    public let heights: [Int]
    /// Whether nothing is.
    public var isEmpty: Bool { transactions.isEmpty && heights.isEmpty }
  }

  /// What is still to be asked about the transactions of some addresses.
  ///
  /// - Parameters:
  ///   - changed: The addresses whose transactions are wanted.
  ///   - own: All addresses of the wallet.
  /// - Returns: What is missing; more may be once that is there.
  /// - Throws: `malformed` where there are more than are read.
  public func missing(of changed: Set<String>, own: Set<String>) throws(ChainFault) -> Missing {
    let mine = Set(entries.values.joined().map(\.id))
    guard mine.count <= ElectrumHistory.mostTransactions else {
      throw .malformed("a history of more than \(ElectrumHistory.mostTransactions) transactions")
    }
    var ids: Set<String> = []
    var heights: Set<Int> = []
    for entry in wanted(changed).values {
      if times[entry.height] == nil { heights.insert(entry.height) }
      guard let raw = raws[entry.id] else {
        ids.insert(entry.id)
        continue
      }
      let pays = isPayer(raw, own)
      for spent in raw.inputs where raws[spent.id] == nil && (pays || mine.contains(spent.id)) {
        ids.insert(spent.id)
      }
    }
    return Missing(transactions: ids.sorted(), heights: heights.sorted())
  }

  private func wanted(_ changed: Set<String>) -> [String: ElectrumServer.HistoryEntry] {
    var wanted: [String: ElectrumServer.HistoryEntry] = [:]
    for address in changed {
      for entry in entries[address] ?? [] where entry.height > 0 { wanted[entry.id] = entry }
    }
    return wanted
  }

  private func part(_ spent: RawTransaction.Spent) -> ScriptTransaction.Part? {
    guard let outputs = raws[spent.id]?.outputs, outputs.indices.contains(spent.place) else {
      return nil
    }
    return outputs[spent.place]
  }

  private func isPayer(_ raw: RawTransaction, _ own: Set<String>) -> Bool {
    raw.inputs.contains { part($0)?.address.map { own.contains($0) } ?? false }
  }

  /// The transactions in blocks of some addresses, once nothing is missing.
  ///
  /// Of one that the wallet did not pay for, inputs and fee are not read and stand as none.
  public func transactions(of changed: Set<String>, own: Set<String>) -> [ScriptTransaction] {
    wanted(changed).sorted { ($0.value.height, $0.key) < ($1.value.height, $1.key) }
      .compactMap { id, entry in
        raws[id].map { transaction($0, entry, own) }
      }
  }

  private func transaction(
    _ raw: RawTransaction, _ entry: ElectrumServer.HistoryEntry, _ own: Set<String>
  ) -> ScriptTransaction {
    let inputs = isPayer(raw, own) ? raw.inputs.compactMap { part($0) } : []
    let zero = ChainAmount.zero(decimals: 8)
    func sum(_ parts: [ScriptTransaction.Part]) -> ChainAmount? {
      parts.reduce(zero as ChainAmount?) { $0?.adding($1.amount) }
    }
    let isWhole = !inputs.isEmpty && inputs.count == raw.inputs.count
    let paid = sum(raw.outputs).flatMap { sum(inputs)?.adding($0.negated) }
    return ScriptTransaction(
      id: raw.id, inputs: inputs, outputs: raw.outputs, fee: isWhole ? paid ?? zero : zero,
      time: times[entry.height], height: entry.height)
  }
}

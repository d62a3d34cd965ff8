import Ledger
import Portfolio
import Wire

/// Which held asset an alert is about, so that a client can go there.
struct AlertAssets {
  /// The identity by the short name, where only one position has that.
  private let identities: [String: String]

  init(_ settlement: Settlement) {
    var found: [String: String] = [:]
    var taken: Set<String> = []
    for position in settlement.settled where !position.isFolded {
      let name = position.asset.ticker
      if found.updateValue(position.asset.text, forKey: name) != nil { taken.insert(name) }
    }
    identities = found.filter { !taken.contains($0.key) }
  }

  /// The board of alerts with a column `asset`: the identity, or nothing.
  ///
  /// An asset is named by the figure (`price:BTC`) or at the beginning of the subject (`BTC at kraken`).
  func naming(_ board: Report) -> Report {
    var named = board
    named.columns.append("asset")
    for row in board.rows.indices {
      let figure = board.text(row, "figure").split(separator: ":").dropFirst().map(String.init)
      let subject = board.text(row, "subject").split(separator: " ").prefix(1).map(String.init)
      let identity = (figure + subject).lazy.compactMap { identities[$0] }.first
      named.rows[row].append(.text(identity ?? ""))
    }
    return named
  }
}

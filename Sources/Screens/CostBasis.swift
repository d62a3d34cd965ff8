internal import Amounts
internal import Wire

/// What is left of an asset's lots: what it cost, and what selling it would bring above that.
struct CostBasis: Hashable, Sendable {
  /// What the lots of known cost have cost; `nil` where nobody knows any.
  let cost: Fixed?
  /// Of one unit of them.
  let average: Fixed?
  /// Their value less that; `nil` without a price.
  let unrealised: Fixed?
  /// How many lots there are, and how many of them have a cost that nobody knows.
  let lots: Int
  let unknownLots: Int

  /// Whether there is nothing that could have a cost: money, or what the ledger has no lot of.
  var isCash: Bool { lots == 0 }

  /// Whether a part of it is missing.
  var isPartial: Bool { unknownLots > 0 }

  /// What would be gained for what was paid.
  var ratio: Double? {
    guard let unrealised, let cost, cost > .zero else { return nil }
    return Figures.ratio(unrealised, of: cost)
  }

  /// The lots of every asset on a board of gains, by the asset's identity.
  static func all(_ board: Report) -> [String: CostBasis] {
    func amount(_ row: Int, _ name: String) -> Fixed? {
      if case .amount(let amount) = board.cell(row, name) { return amount }
      return nil
    }
    var found: [String: CostBasis] = [:]
    for row in board.rows.indices {
      found[board.text(row, "identity")] = CostBasis(
        cost: amount(row, "cost"), average: amount(row, "average_cost"),
        unrealised: amount(row, "unrealised"),
        lots: Int(clamping: board.integer(row, "lots") ?? 0),
        unknownLots: Int(clamping: board.integer(row, "unknown_lots") ?? 0))
    }
    return found
  }
}

/// What other boards say of positions, taken out once when they come.
struct PositionExtras: Hashable, Sendable {
  /// How old the amounts of an account are that could not be read anew.
  struct OldAccount: Hashable, Sendable {
    /// When they were read last, in microseconds; `nil` for never.
    let readAt: Int64?
  }

  /// Lots by identity; `nil` before the engine has told them.
  var costs: [String: CostBasis]?
  /// Why there are none yet.
  var costsWait = "the engine has not told the lots yet"
  /// Accounts that are stale, protocols that do not answer among them, by their short names.
  var oldAccounts: [String: OldAccount] = [:]
  /// Accounts whose history is being read, by their names, with how many per cent are read.
  var unreadAccounts: [String: Int64] = [:]

  /// Takes in a board of gains.
  mutating func take(gains board: Report) {
    switch board["state"].plain {
    case "ready": costs = CostBasis.all(board)
    case "failed": costsWait = "the ledger could not be folded: \(board["problem"].plain)"
    default: costsWait = "the ledger is being folded into lots"
    }
  }

  /// Takes in the board of accounts.
  mutating func take(accounts board: Report) {
    (oldAccounts, unreadAccounts) = ([:], [:])
    for row in board.rows.indices {
      guard let percent = board.integer(row, "done_percent"), percent < 100 else { continue }
      unreadAccounts[board.text(row, "name")] = percent
    }
    for row in board.rows.indices
    where board.text(row, "state") == AccountState.stale.rawValue {
      oldAccounts[board.text(row, "account")] = OldAccount(readAt: board.integer(row, "fresh_at"))
    }
  }
}

extension ClientModel {
  /// Takes out of a board what the table of positions needs.
  mutating func extend(_ name: String, _ report: Report) {
    var extras = self.extras
    switch name {
    case Board.accounts: extras.take(accounts: report)
    case _ where name.hasPrefix(Board.gains): extras.take(gains: report)
    default: return
    }
    guard extras != self.extras else { return }
    self.extras = extras
    board?.extend(extras)
    guard let board else { return }
    top.note(board.usedSlots, on: board, at: now)
    list.note(board.usedSlots, on: board, at: now)
  }
}

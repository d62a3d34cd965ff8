import Amounts
import Ledger

extension ImportFormat {
  /// Ledger Live's operation history: one row an operation of one account.
  ///
  /// The amount of what goes out includes the fee.
  public static let ledgerLive = ImportFormat(
    id: "ledger-live", name: "Ledger Live operations", venue: "ledger-live",
    defaultAccount: "Ledger Live", clock: .utc,
    sources: [
      "https://support.ledger.com/article/360012207759-zd",
      "https://github.com/LedgerHQ/ledger-live/blob/develop/libs/ledgerjs/packages/types-live/src/operation.ts",
    ],
    header: .having([
      "operation date", "currency ticker", "operation type", "operation amount",
      "operation fees", "operation hash",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try LedgerLive.read(row) }
    })
}

/// Reads one operation.
private enum LedgerLive {
  /// What an operation does beside costing its fee.
  private enum Effect {
    case receives(EntryKind), sends(EntryKind), feeOnly, token
  }

  /// The operation types of Ledger Live's libraries.
  private static let effects: [String: Effect] = [
    "IN": .receives(.deposit), "OUT": .sends(.withdrawal), "CLOSE_ACCOUNT": .sends(.withdrawal),
    "REWARD": .receives(.staking), "REWARD_PAYOUT": .receives(.staking), "SLASH": .sends(.lost),
    "FEES": .sends(.spend), "REVEAL": .sends(.spend), "CREATE": .sends(.spend),
    "BOND": .sends(.stake), "STAKE": .sends(.stake), "DELEGATE": .sends(.stake),
    "FREEZE": .sends(.stake), "LOCK": .sends(.stake),
    "WITHDRAW_UNBONDED": .receives(.unstake), "WITHDRAW_UNSTAKED": .receives(.unstake),
    "WITHDRAW_EXPIRE_UNFREEZE": .receives(.unstake), "WITHDRAW": .receives(.unstake),
    "LEGACY_UNFREEZE": .receives(.unstake),
    "UNBOND": .feeOnly, "UNSTAKE": .feeOnly, "UNDELEGATE": .feeOnly, "REDELEGATE": .feeOnly,
    "UNFREEZE": .feeOnly, "UNDELEGATE_RESOURCE": .feeOnly, "UNLOCK": .feeOnly,
    "VOTE": .feeOnly, "NOMINATE": .feeOnly, "CHILL": .feeOnly, "SET_CONTROLLER": .feeOnly,
    "APPROVE": .feeOnly, "REVOKE": .feeOnly, "ACTIVATE": .feeOnly, "REGISTER": .feeOnly,
    "OPT_IN": .feeOnly, "OPT_OUT": .feeOnly, "NONE": .feeOnly,
    "NFT_IN": .token, "NFT_OUT": .token,
  ]

  static func read(_ row: Row) throws(RowFault) -> RowMeaning {
    guard let effect = effects[try row.text("operation type").uppercased()] else {
      throw row.fault(.unknownKind, "operation type")
    }
    let isFailed = try hasFailed(row)
    guard let isFailed else { return .skipped("not confirmed") }
    let operation = try Operation(row)
    switch effect {
    case .receives where isFailed: return .skipped("failed")
    case _ where isFailed: return operation.feeAlone
    case .feeOnly, .token: return operation.feeAlone
    case .receives(let kind): return .transaction(operation.incoming(kind))
    case .sends(let kind): return try operation.outgoing(kind)
    }
  }

  /// Whether the operation failed; `nil` while it is not settled.
  private static func hasFailed(_ row: Row) throws(RowFault) -> Bool? {
    switch row["status"].lowercased() {
    case "", "confirmed": return false
    case "failed": return true
    case "pending": return nil
    default: throw row.fault(.unknownKind, "status")
    }
  }

  private struct Operation {
    let row: Row
    var transaction: ImportedTransaction
    let asset: NamedAsset
    let amount: Quantity
    let fee: Quantity

    init(_ row: Row) throws(RowFault) {
      self.row = row
      asset = try row.asset("currency ticker")
      amount = try row.magnitude("operation amount", .pointed)
      fee = try row.optionalMagnitude("operation fees", .pointed) ?? .zero
      transaction = ImportedTransaction(
        row: row.number, time: try row.time("operation date", .iso), kind: .fee)
      transaction.transactionHash = row.optional("operation hash")
      transaction.account = row.optional("account name").map { "Ledger Live \($0)" }
      if !fee.isZero { transaction.fee = AssetQuantity(fee, asset) }
    }

    /// The amount got is what is left after the fee, which only the account of the fee pays.
    func incoming(_ kind: EntryKind) -> ImportedTransaction {
      var made = transaction
      made.kind = kind
      var gross = amount
      if kind == .deposit, let sum = try? amount.adding(fee) { gross = sum }
      if kind != .deposit { made.fee = nil }
      made.incoming = AssetQuantity(gross, asset)
      return made
    }

    func outgoing(_ kind: EntryKind) throws(RowFault) -> RowMeaning {
      guard let net = try? amount.subtracting(fee), !net.isNegative else {
        throw row.fault(.incomplete, "operation fees")
      }
      if net.isZero { return feeAlone }
      var made = transaction
      made.kind = kind
      made.outgoing = AssetQuantity(net, asset)
      return .transaction(made)
    }

    var feeAlone: RowMeaning {
      transaction.fee == nil ? .skipped("nothing moved") : .transaction(transaction)
    }
  }
}

public import Amounts
public import Ledger

/// An asset as a file names it.
public struct NamedAsset: Hashable, Sendable {
  /// The file's code after the exporter's own spelling was undone, for example `BTC` for `XXBT`.
  public var code: String
  /// The token's contract, where the file names one.
  public var contract: Contract?

  /// A contract on a chain.
  public struct Contract: Hashable, Sendable {
    /// The chain's name as in `AssetID.contract`, for example `ethereum`.
    public var chain: String
    /// The address; EVM addresses in lower case.
    public var address: String

    /// Makes a contract's place.
    public init(chain: String, address: String) {
      self.chain = chain
      self.address = address
    }
  }

  /// Makes a named asset.
  public init(_ code: String, contract: Contract? = nil) {
    self.code = code
    self.contract = contract
  }
}

/// An asset and how much of it, never negative.
public struct AssetQuantity: Hashable, Sendable {
  /// What.
  public var asset: NamedAsset
  /// How much, zero or more.
  public var quantity: Quantity

  /// Makes a quantity of an asset.
  public init(_ quantity: Quantity, _ asset: NamedAsset) {
    self.asset = asset
    self.quantity = quantity
  }
}

/// What one or more rows of a file stand for, before it is known which accounts are meant.
public struct ImportedTransaction: Hashable, Sendable {
  /// The data row it is listed under; the first after the header is 1.
  public var row: Int
  /// Further data rows that belong to it: the other leg of a trade, a fee line.
  public var mergedRows: [Int] = []
  /// When it happened.
  public var time: Instant
  /// What it is.
  public var kind: EntryKind
  /// What came in.
  public var incoming: AssetQuantity?
  /// What went out, without the fee.
  public var outgoing: AssetQuantity?
  /// What was paid for it, on top of what went out.
  public var fee: AssetQuantity?
  /// What the file says it was worth.
  public var value: Money?
  /// The account, as the file names it; `nil` where the file names none.
  public var account: String?
  /// The account it went to, for a transfer between two.
  public var toAccount: String?
  /// A remark.
  public var note: String?
  /// The hash of the chain's transaction.
  public var transactionHash: String?
  /// Who got it, in the file's words.
  public var recipient: String?
  /// The venue's id, unique among the account's transactions of this kind, shared by every export of
  /// the venue that tells of the same fact; `nil` where the file has none.
  public var reference: String?

  /// Makes a transaction; what is not given is absent and can be set afterwards.
  public init(
    row: Int, time: Instant, kind: EntryKind, incoming: AssetQuantity? = nil,
    outgoing: AssetQuantity? = nil, fee: AssetQuantity? = nil
  ) {
    self.row = row
    self.time = time
    self.kind = kind
    self.incoming = incoming
    self.outgoing = outgoing
    self.fee = fee
  }
}

extension ImportedTransaction {
  /// The longest note, account or recipient that is kept, in characters.
  public static let longestText = 1000

  /// Cuts texts to what is kept, and says what cannot be recorded.
  ///
  /// - Returns: `unclearDirection` for a negative quantity, `missing` or `tooLong` for the code or
  ///   contract of an asset, `tooLong` for an id; `nil` where all is well.
  mutating func makeSound() -> RowFault? {
    ImportedTransaction.cut(&note)
    ImportedTransaction.cut(&recipient)
    ImportedTransaction.cut(&account)
    ImportedTransaction.cut(&toAccount)
    for (side, column) in [(incoming, "in"), (outgoing, "out"), (fee, "fee")] {
      guard let side else { continue }
      if side.quantity.isNegative {
        return RowFault(.unclearDirection, column: column, text: side.quantity.text)
      }
      if let reason = side.asset.fault {
        return RowFault(reason, column: column, text: side.asset.code)
      }
    }
    for id in [reference ?? "", transactionHash ?? ""] where id.utf8.count > 500 {
      return RowFault(.tooLong, text: id)
    }
    return nil
  }

  private static func cut(_ text: inout String?) {
    guard let long = text, long.utf8.count > longestText else { return }
    text = String(long.prefix(longestText))
  }
}

extension NamedAsset {
  /// Why the asset cannot be recorded under this name.
  var fault: RowFault.Reason? {
    let parts = contract.map { [code, $0.chain, $0.address] } ?? [code]
    if parts.contains(where: { $0.isEmpty }) { return .missing }
    return parts.contains { $0.utf8.count > Row.longestCode } ? .tooLong : nil
  }
}

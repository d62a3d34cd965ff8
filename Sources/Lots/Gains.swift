public import Amounts
public import Ledger

/// What a gain belongs to.
public struct GainSource: Hashable, Sendable {
  /// The asset.
  public let asset: AssetID
  /// The account: where the lot lay, else where the asset left from; `nil` for lots of no account.
  public let account: AccountID?
  /// The event that made the lot; `nil` for pools and for what was never acquired.
  public let lot: LotID?
}

/// Gains that are made and gains that are not yet.
///
/// Unit: the book's currency.
public struct GainSum: Hashable, Sendable {
  /// Made by disposals.
  public var realised = Fixed.zero
  /// Parts of disposals whose gain is unknown: `realised` does not hold them.
  public var unknownRealised = 0
  /// What selling the rest would add.
  public var unrealised = Fixed.zero
  /// What the rest has cost, where its value and cost are known.
  public var cost = Fixed.zero
  /// What the rest is worth, where its value and cost are known.
  public var value = Fixed.zero
  /// Lots whose value or cost is unknown: the three sums above do not hold them.
  public var unknownUnrealised = 0
}

extension LotReport {
  /// Gains by lot, account, venue, asset, or whatever a source can be told apart by.
  ///
  /// - Parameters:
  ///   - key: What a source counts for; for a venue, that of the account.
  ///   - price: What one unit of an asset costs now, in the book's currency; `nil` where unknown.
  /// - Returns: The sums by key.
  /// - Throws: `overflow`.
  public func gains<Key: Hashable>(
    by key: (GainSource) -> Key, price: (AssetID) -> Price?
  ) throws(ArithmeticFault) -> [Key: GainSum] {
    var sums: [Key: GainSum] = [:]
    for disposal in disposals where disposal.isTaxable {
      if disposal.matches.isEmpty, let gain = disposal.gain {
        let source = GainSource(asset: disposal.asset, account: disposal.account, lot: nil)
        let key = key(source)
        sums[key] = try (sums[key] ?? GainSum()).realising(gain)
      }
      for match in disposal.matches {
        let source = GainSource(
          asset: disposal.asset, account: match.account ?? disposal.account, lot: match.lot)
        let key = key(source)
        sums[key] = try (sums[key] ?? GainSum()).realising(match.gain)
      }
    }
    for held in holdings {
      let price = price(held.asset)
      for lot in held.lots {
        let key = key(GainSource(asset: lot.asset, account: lot.account, lot: lot.lot))
        sums[key] = try (sums[key] ?? GainSum()).holding(lot, at: price)
      }
    }
    return sums
  }
}

extension GainSum {
  fileprivate func realising(_ gain: Fixed?) throws(ArithmeticFault) -> GainSum {
    var sum = self
    if let gain {
      sum.realised = try realised.adding(gain)
    } else {
      sum.unknownRealised += 1
    }
    return sum
  }

  fileprivate func holding(_ lot: OpenLot, at price: Price?) throws(ArithmeticFault) -> GainSum {
    var sum = self
    guard let price, let paid = lot.cost else {
      sum.unknownUnrealised += 1
      return sum
    }
    let worth = try lot.quantity.fixed.multiplied(by: price.fixed, rounding: .halfEven)
    sum.value = try value.adding(worth)
    sum.cost = try cost.adding(paid)
    sum.unrealised = try unrealised.adding(try worth.subtracting(paid))
    return sum
  }
}

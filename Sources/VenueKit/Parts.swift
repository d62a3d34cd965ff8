public import Amounts
import Encodings

extension Market {
  /// The part of an account that trades it where the venue keeps one a kind.
  public var part: AccountPart {
    switch kind {
    case .spot: .spot
    case .swap: isInverse ? .inverse : .swap
    case .future: .future
    case .option: .option
    }
  }
}

extension Parameters {
  /// These with the further ones that an asking carries in the venue's own names.
  public func adding(extraOf ask: Ask) -> Parameters { adding(ask.extra) }
}

extension Ask {
  /// The order to be placed; a fault where none is.
  public func neededOrder() throws(VenueFault) -> NewOrder {
    guard let newOrder else { throw .unsupported("placing without an order") }
    return newOrder
  }

  /// The venue's id of the order asked about; a fault where none is.
  public func neededOrderID() throws(VenueFault) -> String {
    guard let order else { throw .unsupported("asking without the id of an order") }
    return order
  }

  /// The asset asked for; a fault where none is.
  public func neededAsset() throws(VenueFault) -> String {
    guard let asset else { throw .unsupported("asking without an asset") }
    return asset
  }
}

extension Node {
  /// Rows out of columns: one array an element of the first column, `null` where another is short.
  ///
  /// - Parameter names: The members that hold the columns.
  /// - Returns: Places outside this answer, each an array in the order of the names.
  /// - Throws: `malformed` where the first column is no array.
  public func transposed(_ names: [String]) throws(VenueFault) -> [Node] {
    var columns: [[Node]] = []
    for name in names { columns.append(try self[name].elements()) }
    guard let first = columns.first else { return [] }
    return first.indices.map { place in
      Node(.array(columns.map { $0.indices.contains(place) ? $0[place].json ?? .null : .null }))
    }
  }
}

extension Node {
  /// A figure that a venue worked out with more than 18 decimals, rounded half to even.
  ///
  /// `nil` for nothing. Never for an amount that is booked.
  public func roundedDecimal(_ names: String...) throws(VenueFault) -> Fixed? {
    let node = first(names)
    if node.isNothing { return nil }
    do throws(VenueFault) {
      return try node.decimal()
    } catch {
      guard let rounded = Node.rounded(try node.text()) else { throw error }
      return rounded
    }
  }

  private static func rounded(_ text: String) -> Fixed? {
    guard text.utf8.count <= Fixed.longestText, let point = text.firstIndex(of: ".") else {
      return nil
    }
    let digits = text[text.index(after: point)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    let kept = digits.prefix(Fixed.fractionDigits)
    let rest = digits.dropFirst(Fixed.fractionDigits)
    guard let cut = try? Fixed(parsing: text[...point] + kept) else { return nil }
    guard let next = rest.first, next >= "5" else { return cut }
    let isHalf = next == "5" && rest.dropFirst().allSatisfy { $0 == "0" }
    if isHalf, cut.units.isMultiple(of: 2) { return cut }
    let step = Fixed(units: text.hasPrefix("-") ? -1 : 1)
    return try? cut.adding(step)
  }
}

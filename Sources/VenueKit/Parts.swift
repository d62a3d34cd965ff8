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

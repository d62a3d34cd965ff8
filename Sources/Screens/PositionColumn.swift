internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio

/// A column of the table of positions.
enum PositionColumn: String, CaseIterable, Sendable {
  case asset
  case value
  case weight
  case day
  case price
  case quantity
  case staked
  case age
  case source
  case accounts

  /// The word above the column.
  var title: String {
    switch self {
    case .asset: "Asset"
    case .value: "Value"
    case .weight: "Wt%"
    case .day: "Day%"
    case .price: "Price"
    case .quantity: "Quantity"
    case .staked: "Staked"
    case .age: "Age"
    case .source: "Source"
    case .accounts: "Accts"
    }
  }

  /// Its columns on the screen.
  var width: Int {
    switch self {
    case .asset: 13
    case .value: 9
    case .weight: 5
    case .day: 8
    case .price: 12
    case .quantity: 15
    case .staked: 13
    case .age: 4
    case .source: 14
    case .accounts: 5
    }
  }

  /// Where its text stands.
  var alignment: Alignment { self == .asset || self == .source ? .left : .right }

  /// Whether the first order of the column is from large to small.
  var startsDescending: Bool { self != .asset && self != .source && self != .age }

  /// Which column goes first when there is room for more.
  private static let byImportance: [PositionColumn] = [
    .asset, .value, .weight, .day, .price, .quantity, .age, .staked, .source, .accounts,
  ]

  /// The columns that fit, in the order of the table; the asset's own takes what is left, up to 24.
  static func fitting(_ columns: Int) -> [(column: PositionColumn, width: Int)] {
    var chosen: Set<PositionColumn> = []
    var left = columns
    for column in byImportance {
      let wanted = column.width + (chosen.isEmpty ? 0 : 1)
      guard wanted <= left || chosen.isEmpty else { break }
      chosen.insert(column)
      left -= wanted
    }
    let extra = max(0, min(left, 11))
    return allCases.filter { chosen.contains($0) }.map { column in
      (column, column == .asset ? min(column.width + extra, max(1, columns)) : column.width)
    }
  }

  /// The column of a name or its beginning.
  static func named(_ text: String) -> PositionColumn? {
    let small = text.lowercased()
    let others: [String: PositionColumn] = [
      "wt": .weight, "w": .weight, "qty": .quantity, "name": .asset, "accts": .accounts,
    ]
    return others[small] ?? PositionColumn(rawValue: small)
      ?? allCases.first { !small.isEmpty && $0.rawValue.hasPrefix(small) }
  }
}

/// By which column positions are sorted, and which way.
struct PositionOrder: Hashable, Sendable {
  var column = PositionColumn.value
  var isDescending = true

  /// Whether one row stands before another: what is not known is always last, and what is equal
  /// goes by value and then by identity, so that an order is one and the same each time.
  func places(_ a: PositionRow, before b: PositionRow) -> Bool {
    if let first = compared(a, b) { return first }
    switch (a.position.value, b.position.value) {
    case (let x?, let y?) where x != y: return x > y
    case (_?, nil): return true
    case (nil, _?): return false
    default: return a.text < b.text
    }
  }

  /// The verdict of the column alone; `nil` for a tie.
  private func compared(_ a: PositionRow, _ b: PositionRow) -> Bool? {
    let (x, y) = (a.position, b.position)
    switch column {
    case .asset: return ordered(a.sortName, b.sortName)
    case .value, .weight: return ordered(x.value, y.value)
    case .day: return ordered(a.dayRatio, b.dayRatio)
    case .price: return ordered(x.price?.price.fixed, y.price?.price.fixed)
    case .quantity: return ordered(x.quantity.fixed, y.quantity.fixed)
    case .staked: return ordered(x.staked.fixed, y.staked.fixed)
    // A young price has a late time: ages go the other way round.
    case .age: return ordered(x.price?.time, y.price?.time, isDescending: !isDescending)
    case .source: return ordered(x.price?.source, y.price?.source)
    case .accounts: return ordered(x.shares.count, y.shares.count)
    }
  }

  private func ordered<Key: Comparable>(
    _ a: Key?, _ b: Key?, isDescending: Bool? = nil
  ) -> Bool? {
    switch (a, b) {
    case (nil, nil): return nil
    case (nil, _): return false
    case (_, nil): return true
    case (let a?, let b?):
      if a == b { return nil }
      return isDescending ?? self.isDescending ? a > b : a < b
    }
  }
}

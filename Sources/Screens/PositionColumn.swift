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
  case gain
  case gainRatio = "gain%"
  case price
  case average
  case cost
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
    case .gain: "Unreal."
    case .gainRatio: "Unr%"
    case .average: "Avg cost"
    case .cost: "Cost"
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
    case .gain: 9
    case .gainRatio: 8
    case .average: 12
    case .cost: 9
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
  static let byImportance: [PositionColumn] = [
    .asset, .value, .weight, .day, .price, .gainRatio, .quantity, .gain, .cost, .average, .age,
    .staked, .source, .accounts,
  ]

  /// The columns that a whole value is worth more than.
  private static let lesser: Set<PositionColumn> = [
    .gain, .cost, .average, .age, .staked, .source, .accounts,
  ]

  /// How much narrower quantities may be for whole values.
  private static let mostOfQuantity = 3

  /// The columns that fit, in the order of the table; what is left makes the asset's own column wider.
  ///
  /// - Parameters:
  ///   - columns: How many columns of the screen there are.
  ///   - hasCosts: Whether what positions cost is among them.
  ///   - whole: How wide values are with every digit before the point.
  ///   - choice: What the user wants of them.
  /// - Returns: The columns with their widths.
  static func fitting(
    _ columns: Int, hasCosts: Bool = true, whole: Int = 0, of choice: PositionColumns = .init()
  ) -> [(column: PositionColumn, width: Int)] {
    var chosen: Set<PositionColumn> = []
    let name = columns < 23 ? min(8, max(1, columns)) : PositionColumn.asset.width
    var left = columns - name + PositionColumn.asset.width
    let costs: Set<PositionColumn> = [.gain, .gainRatio, .average, .cost]
    let more = max(0, whole - PositionColumn.value.width)
    var forValue = 0
    // The name comes first whatever was chosen: without it a row says nothing.
    let wish =
      choice.isChosen ? [.asset] + choice.shown.filter { $0 != .asset } : byImportance
    for column in wish where hasCosts || !costs.contains(column) {
      let wanted = column.width + (chosen.isEmpty ? 0 : 1)
      if lesser.contains(column), forValue == 0, more <= left {
        forValue = more
        left -= more
      }
      guard wanted <= left || chosen.isEmpty else { break }
      chosen.insert(column)
      left -= wanted
    }
    let spare = chosen.contains(.quantity) ? mostOfQuantity : 0
    if forValue == 0, more <= left + spare {
      forValue = more
      left -= more
    }
    let forName = max(0, min(left, 11))
    return choice.all.filter { chosen.contains($0) }.map { column in
      switch column {
      case .asset: (column, name + forName)
      case .value: (column, column.width + forValue)
      case .quantity: (column, column.width + min(0, left))
      default: (column, column.width)
      }
    }
  }

  /// The column of a name or its beginning.
  static func named(_ text: String) -> PositionColumn? {
    let small = text.lowercased()
    let others: [String: PositionColumn] = [
      "wt": .weight, "w": .weight, "qty": .quantity, "name": .asset, "accts": .accounts,
      "unrealised": .gain, "unrealized": .gain, "avg": .average,
    ]
    return others[small] ?? PositionColumn(rawValue: small)
      ?? allCases.first { !small.isEmpty && $0.rawValue.hasPrefix(small) }
  }
}

/// What a row is sorted by, taken out once so that comparing is cheap.
struct PositionKey: Sendable {
  /// What the column says.
  fileprivate enum Word: Sendable {
    case unknown
    case number(Int128)
    case text(String)
  }

  fileprivate let word: Word
  fileprivate let value: Int128?
  fileprivate let identity: String
}

/// By which column positions are sorted, and which way.
struct PositionOrder: Hashable, Sendable {
  var column = PositionColumn.value
  var isDescending = true

  /// What a row is sorted by.
  func key(of row: PositionRow) -> PositionKey {
    PositionKey(
      word: word(of: row), value: row.position.value.map(\.units), identity: row.text)
  }

  private func word(of row: PositionRow) -> PositionKey.Word {
    let position = row.position
    func number(_ fixed: Fixed?) -> PositionKey.Word { fixed.map { .number($0.units) } ?? .unknown }
    func ratio(_ ratio: Double?) -> PositionKey.Word {
      ratio.map { .number(Int128(max(-1e20, min($0, 1e20)) * 1e15)) } ?? .unknown
    }
    switch column {
    case .asset: return .text(row.sortName)
    case .value, .weight: return number(position.value)
    case .day: return ratio(row.dayRatio)
    case .gain: return number(row.cost?.unrealised)
    case .gainRatio: return ratio(row.cost?.ratio)
    case .average: return number(row.cost?.average)
    case .cost: return number(row.cost?.cost)
    case .price: return number(position.price?.price.fixed)
    case .quantity: return number(position.quantity.fixed)
    case .staked: return number(position.staked.fixed)
    // A young price has a late time.
    case .age: return position.price.map { .number(-Int128($0.time.microseconds)) } ?? .unknown
    case .source: return position.price.map { .text($0.source) } ?? .unknown
    case .accounts: return .number(Int128(position.shares.count))
    }
  }

  /// Whether one row stands before another: what is not known is always last, and what is equal
  /// goes by value and then by identity, so that an order is one and the same each time.
  func places(_ a: PositionKey, before b: PositionKey) -> Bool {
    switch (a.word, b.word) {
    case (.number(let x), .number(let y)) where x != y: return isDescending ? x > y : x < y
    case (.text(let x), .text(let y)) where x != y: return isDescending ? x > y : x < y
    case (.unknown, .unknown): break
    case (.unknown, _): return false
    case (_, .unknown): return true
    default: break
    }
    switch (a.value, b.value) {
    case (let x?, let y?) where x != y: return x > y
    case (_?, nil): return true
    case (nil, _?): return false
    default: return a.identity < b.identity
    }
  }
}

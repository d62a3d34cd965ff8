internal import Amounts
internal import Ledger
internal import Portfolio

/// What is wrong with a term of a filter.
enum FilterFault: Error, Equatable, Sendable {
  /// No field has this name.
  case unknownField(String)
  /// What follows the sign is no number.
  case notANumber(String)

  /// What is wrong, as a sentence without its end.
  var text: String {
    switch self {
    case .unknownField(let name): "no field is called '\(name.prefix(20))'"
    case .notANumber(let text):
      text.isEmpty ? "a number is missing" : "'\(text.prefix(20))' is no number"
    }
  }
}

/// Which positions are shown: every term must hold.
///
/// Terms: `btc` or `"two words"` in name or identity; `venue:`, `account:`, `book:` with the beginning
/// of a name or the whole of it between quotes; `asset:`, `source:`; `value`, `w`, `day`, `qty`, `price`, `staked`, `age` with `<`, `<=`, `=`, `>=`, `>`;
/// `stale`, `disputed`, `unpriced`, `live`, `staked`; `!` before any of them turns it round.
struct PositionFilter: Hashable, Sendable {
  /// The most terms that are looked at.
  static let termLimit = 16

  /// What was typed.
  let text: String
  private let terms: [Term]

  /// Shows everything.
  init() {
    text = ""
    terms = []
  }

  /// Reads a filter.
  ///
  /// - Throws: The first term that means nothing.
  init(parsing text: String) throws(FilterFault) {
    self.text = text
    var terms: [Term] = []
    for word in PositionFilter.words(text).prefix(PositionFilter.termLimit) {
      if let term = try Term(word) { terms.append(term) }
    }
    self.terms = terms
  }

  /// Whether everything is shown.
  var isEmpty: Bool { terms.isEmpty }

  /// Whether a term looks at single accounts while the figures stay those of all accounts.
  var looksAtAccounts: Bool { terms.contains { $0.test.isAboutAccounts } }

  /// Whether a position is shown.
  func accepts(_ row: PositionRow, on board: PositionBoard, at now: Instant) -> Bool {
    terms.allSatisfy { $0.test.holds(for: row, on: board, at: now) != $0.isNegated }
  }

  /// The words of a filter; between quotes a space is a letter, and the quotes stay.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if character == " ", !isQuoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}

/// One condition, as it is or turned round.
private struct Term: Hashable, Sendable {
  let test: Test
  let isNegated: Bool

  /// Reads a word; `nil` where nothing is left of it.
  init?(_ word: String) throws(FilterFault) {
    isNegated = word.hasPrefix("!")
    let body = isNegated ? String(word.dropFirst()) : word
    guard let test = try Test(body) else { return nil }
    self.test = test
  }
}

/// What a term asks.
private enum Test: Hashable, Sendable {
  case text([UInt8])
  case venue(Pattern)
  case account(Pattern)
  case book(Pattern)
  case source(String)
  case state(FigureState)
  case staked
  case amount(AmountField, Comparison, Fixed)
  case ratio(RatioField, Comparison, Double)
  case age(Comparison, Int64)

  init?(_ body: String) throws(FilterFault) {
    let plain = body.filter { $0 != "\"" }.lowercased()
    guard !plain.isEmpty else { return nil }
    switch plain {
    case "stale": self = .state(.stale)
    case "unpriced": self = .state(.unknown)
    case "disputed": self = .state(.disputed)
    case "live": self = .state(.live)
    case "staked": self = .staked
    default:
      if body.hasPrefix("\"") {
        self = .text(Array(plain.utf8))
      } else if let (field, comparison, operand) = Comparison.split(plain) {
        self = try Test.compared(field, comparison, operand)
      } else if let colon = plain.firstIndex(of: ":") {
        let operand = String(plain[plain.index(after: colon)...])
        self = try Test.named(String(plain[..<colon]), operand, isWhole: body.hasSuffix("\""))
      } else {
        self = .text(Array(plain.utf8))
      }
    }
  }

  private static func named(
    _ field: String, _ operand: String, isWhole: Bool
  ) throws(FilterFault) -> Test {
    let pattern = Pattern(text: operand, isWhole: isWhole)
    switch field {
    case "venue": return .venue(pattern)
    case "account", "acct": return .account(pattern)
    case "book": return .book(pattern)
    case "source": return .source(operand)
    case "asset": return .text(Array(operand.utf8))
    // An identity such as `native:bitcoin` has a colon of its own.
    case "fiat", "native", "contract": return .text(Array("\(field):\(operand)".utf8))
    default: throw .unknownField(field)
    }
  }

  private static func compared(
    _ field: String, _ comparison: Comparison, _ operand: String
  ) throws(FilterFault) -> Test {
    if field == "age" { return .age(comparison, try seconds(operand)) }
    if let ratio = RatioField(field) {
      return .ratio(ratio, comparison, try amount(operand, unit: "%").approximate)
    }
    guard let amountField = AmountField(field) else { throw .unknownField(field) }
    return .amount(amountField, comparison, try amount(operand))
  }

  /// A number with `k`, `m` or `b` behind it, or with a sign of its own.
  private static func amount(_ text: String, unit: String = "") throws(FilterFault) -> Fixed {
    var digits = text.filter { $0 != "," && $0 != "_" }
    var factor: Int64 = 1
    if !unit.isEmpty, digits.hasSuffix(unit) {
      digits.removeLast()
    } else if let last = digits.last,
      let scale = ["k": 1_000, "m": 1_000_000, "b": 1_000_000_000][
        String(last)]
    {
      digits.removeLast()
      factor = Int64(scale)
    }
    guard let number = try? Fixed(parsing: digits),
      let product = try? number.multiplied(by: Fixed(whole: factor), rounding: .halfEven)
    else { throw .notANumber(text) }
    return product
  }

  private static func seconds(_ text: String) throws(FilterFault) -> Int64 {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    let factor = text.last.flatMap { units[$0] }
    let digits = factor == nil ? text : String(text.dropLast())
    guard digits.count <= 9, let number = Int64(digits), number >= 0 else {
      throw .notANumber(text)
    }
    return number * (factor ?? 1)
  }

  var isAboutAccounts: Bool {
    switch self {
    case .venue, .account, .book: true
    default: false
    }
  }

  func holds(for row: PositionRow, on board: PositionBoard, at now: Instant) -> Bool {
    let position = row.position
    switch self {
    case .text(let text): return row.contains(text)
    case .venue(let pattern): return board.isIn(row) { pattern.fits($0.venue) }
    case .account(let pattern):
      return board.isIn(row) { pattern.fits($0.id.slug) || pattern.fits($0.name) }
    case .book(let pattern): return board.isIn(row) { pattern.fits($0.book.name) }
    case .source(let text): return position.price?.source.lowercased().contains(text) ?? false
    case .state(let state): return position.state == state
    case .staked: return !position.staked.isZero
    case .amount(let field, let comparison, let operand):
      return field.value(of: position).map { comparison.holds($0, operand) } ?? false
    case .ratio(let field, let comparison, let operand):
      let ratio = field == .day ? row.dayRatio : board.weight(of: position.value)
      return ratio.map { comparison.holds($0 * 100, operand) } ?? false
    case .age(let comparison, let operand):
      guard let price = position.price, price.freshUntil.microseconds != .max else { return false }
      return comparison.holds(max(0, now.seconds - price.time.seconds), operand)
    }
  }
}

/// The beginning of a name, or between quotes the whole of it; capitals do not matter.
private struct Pattern: Hashable, Sendable {
  let text: String
  let isWhole: Bool

  func fits(_ name: String) -> Bool {
    let small = name.prefix(256).lowercased()
    return isWhole ? small == text : small.hasPrefix(text)
  }
}

/// A field that is an exact amount.
private enum AmountField: Hashable, Sendable {
  case value
  case quantity
  case price
  case staked

  init?(_ name: String) {
    switch name {
    case "value", "val", "v": self = .value
    case "qty", "quantity": self = .quantity
    case "price": self = .price
    case "staked": self = .staked
    default: return nil
    }
  }

  func value(of position: Position) -> Fixed? {
    switch self {
    case .value: position.value
    case .quantity: position.quantity.fixed
    case .price: position.price?.price.fixed
    case .staked: position.staked.fixed
    }
  }
}

/// A field that is a percentage.
private enum RatioField: Hashable, Sendable {
  case weight
  case day

  init?(_ name: String) {
    switch name {
    case "w", "wt", "weight": self = .weight
    case "day": self = .day
    default: return nil
    }
  }
}

/// How two numbers are compared.
private enum Comparison: String, Hashable, Sendable, CaseIterable {
  case atMost = "<="
  case atLeast = ">="
  case less = "<"
  case more = ">"
  case equal = "="

  func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool {
    switch self {
    case .atMost: a <= b
    case .atLeast: a >= b
    case .less: a < b
    case .more: a > b
    case .equal: a == b
    }
  }

  /// The parts around the first sign of comparison; `nil` where there is none.
  static func split(_ word: String) -> (field: String, comparison: Comparison, operand: String)? {
    guard let index = word.firstIndex(where: { "<>=".contains($0) }) else { return nil }
    let rest = word[index...]
    guard let comparison = allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
      return nil
    }
    let operand = rest.dropFirst(comparison.rawValue.count)
    return (String(word[..<index]), comparison, String(operand))
  }
}

extension PositionBoard {
  /// Whether a position has a part in an account that fits.
  fileprivate func isIn(_ row: PositionRow, _ fits: (Account) -> Bool) -> Bool {
    row.position.shares.contains { share in account(share.account).map(fits) ?? false }
  }
}

internal import Canvas

/// A text made ready for many questions: its scalars in small letters, and what a match there is worth.
struct FuzzyText: Hashable, Sendable {
  /// The most scalars that are looked at.
  static let limit = 128

  /// The scalars in small letters.
  let scalars: [UInt32]
  /// What a letter found at each place is worth for standing there.
  fileprivate let worths: [Int]

  init(_ text: String) {
    var scalars: [UInt32] = []
    var worths: [Int] = []
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars.prefix(FuzzyText.limit) {
      scalars.append(FuzzyText.small(scalar))
      worths.append(FuzzyText.worth(of: scalar, after: last))
      last = scalar
    }
    (self.scalars, self.worths) = (scalars, worths)
  }

  /// How many scalars there are.
  var count: Int { scalars.count }

  fileprivate static func small(_ scalar: Unicode.Scalar) -> UInt32 {
    if scalar.isASCII {
      return (0x41...0x5A).contains(scalar.value) ? scalar.value + 0x20 : scalar.value
    }
    return scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value
  }

  /// The start of the text is worth most, then the start of a word, then a capital or a digit inside
  /// a word.
  private static func worth(of scalar: Unicode.Scalar, after last: Unicode.Scalar?) -> Int {
    guard let last else { return 12 }
    guard last.isWordPart else { return scalar.isWordPart ? 10 : 0 }
    if scalar.isASCIICapital, !last.isASCIICapital { return 7 }
    return scalar.isASCIIDigit && !last.isASCIIDigit ? 5 : 0
  }
}

/// What is looked for: words, of which each must be found letter by letter in this order.
struct FuzzyPattern: Hashable, Sendable {
  /// The most letters that are looked at.
  static let limit = 48
  /// The most words.
  static let wordLimit = 6

  /// What a letter is worth that is found at all.
  private static let letter = 16
  /// What a letter is worth more that follows the one before.
  private static let following = 9
  /// What a whole text is worth more.
  private static let whole = 20

  private let words: [[UInt32]]

  init(_ text: String) {
    let scalars = text.unicodeScalars.prefix(FuzzyPattern.limit)
    words = scalars.split(whereSeparator: { $0 == " " || $0 == "\t" })
      .prefix(FuzzyPattern.wordLimit).map { $0.map { FuzzyText.small($0) } }
  }

  /// Whether everything fits.
  var isEmpty: Bool { words.isEmpty }

  /// How well a text fits, more being better; `nil` where a word is not in it.
  ///
  /// Starts of words and letters one after another count more, gaps count against it; so `sr` finds
  /// `sort-reverse` by the two starts.
  /// - Complexity: O(letters · scalars of the text).
  func score(_ text: FuzzyText) -> Int? {
    var sum = 0
    for word in words {
      guard let score = FuzzyPattern.rows(word, text)?.last?.compactMap(\.self).max() else {
        return nil
      }
      sum += score
    }
    if words.count == 1, words[0] == text.scalars { sum += FuzzyPattern.whole }
    return sum
  }

  /// The places of the letters in the best fit; empty where it does not fit.
  func places(in text: FuzzyText) -> Set<Int> {
    var places: Set<Int> = []
    for word in words {
      guard let rows = FuzzyPattern.rows(word, text) else { return [] }
      places.formUnion(FuzzyPattern.path(rows, word, text))
    }
    return places
  }

  /// Whether every word begins a word of the text: how longer texts than names are searched.
  func begins(wordsOf text: FuzzyText) -> Bool {
    words.allSatisfy { word in
      guard word.count <= text.count else { return false }
      return (0...(text.count - word.count)).contains { start in
        (start == 0 || text.worths[start] == 10)
          && word.indices.allSatisfy { text.scalars[start + $0] == word[$0] }
      }
    }
  }

  /// For each letter of a word, what the best fit is worth that ends with it at each place.
  private static func rows(_ word: [UInt32], _ text: FuzzyText) -> [[Int?]]? {
    guard contains(text.scalars, word) else { return nil }
    var rows: [[Int?]] = []
    for (number, letter) in word.enumerated() {
      var row = [Int?](repeating: nil, count: text.count)
      var beyondGap: Int?
      for place in text.scalars.indices {
        let before = number == 0 || place == 0 ? nil : rows[number - 1][place - 1]
        if text.scalars[place] == letter {
          let start = number == 0 ? text.worths[place] : nil
          let joined = before.map { $0 + max(following, text.worths[place]) }
          let apart = beyondGap.map { $0 + text.worths[place] }
          row[place] = [start, joined, apart].compactMap(\.self).max().map { $0 + Self.letter }
        }
        // From the next place on the letter before lies a gap away: 3 for the first, 1 for more.
        let opened = before.map { $0 - 3 }
        beyondGap = [beyondGap.map { $0 - 1 }, opened].compactMap(\.self).max()
      }
      guard row.contains(where: { $0 != nil }) else { return nil }
      rows.append(row)
    }
    return rows
  }

  /// The way back through the rows from the best end.
  private static func path(_ rows: [[Int?]], _ word: [UInt32], _ text: FuzzyText) -> [Int] {
    var places: [Int] = []
    var limit = text.count
    for row in rows.reversed() {
      let next = places.last
      var best: (place: Int, worth: Int)?
      for place in 0..<limit {
        guard let worth = row[place] else { continue }
        let gap = next.map { $0 - place - 1 } ?? 0
        let joined = next.map { max(following, text.worths[$0]) - text.worths[$0] } ?? 0
        let cost = next == nil ? 0 : gap == 0 ? -joined : gap + 2
        if worth - cost >= best?.worth ?? .min { best = (place, worth - cost) }
      }
      guard let best else { return [] }
      places.append(best.place)
      limit = best.place
    }
    return places
  }

  private static func contains(_ scalars: [UInt32], _ word: [UInt32]) -> Bool {
    var found = 0
    for scalar in scalars where found < word.count && scalar == word[found] { found += 1 }
    return found == word.count
  }
}

extension Unicode.Scalar {
  fileprivate var isASCIICapital: Bool { (0x41...0x5A).contains(value) }
  fileprivate var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
  /// Whether it is a letter or a digit; all that is not ASCII counts as one.
  fileprivate var isWordPart: Bool {
    value > 0x7F || isASCIIDigit || isASCIICapital || (0x61...0x7A).contains(value)
  }
}

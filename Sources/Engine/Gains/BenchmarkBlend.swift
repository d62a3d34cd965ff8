import Amounts
import Ledger
import Prices
import Wire

/// What performance is set beside: assets with weights that are restored every day.
struct BenchmarkBlend: Hashable, Sendable {
  /// A part of it.
  struct Part: Hashable, Sendable {
    let asset: AssetID
    /// As it was typed.
    let word: String
    /// Its share, in any unit.
    let weight: Double
  }

  /// The setting that holds it.
  static let setting = "benchmark"
  static let standard = BenchmarkBlend("BTC") ?? BenchmarkBlend(parts: [])
  static let mostParts = 16

  let parts: [Part]

  private init(parts: [Part]) { self.parts = parts }

  /// Reads `BTC`, `BTC:60,ETH:40`, or identities in place of codes: `native:bitcoin=60`.
  init?(_ text: String) {
    var parts: [Part] = []
    for word in text.split(separator: ",") {
      guard parts.count < BenchmarkBlend.mostParts, let part = BenchmarkBlend.part(word) else {
        return nil
      }
      parts.append(part)
    }
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  private static func part(_ text: Substring) -> Part? {
    let text = text.trimmedOfSpaces
    if !text.contains("="), let asset = AssetID(text) {
      return Part(asset: asset, word: String(text), weight: 1)
    }
    let mark = text.lastIndex(of: "=") ?? text.lastIndex(of: ":")
    let word = mark.map { text[..<$0] } ?? text
    let share = mark.map { text[text.index(after: $0)...] } ?? "1"
    guard let weight = try? Fixed(parsing: share), weight > .zero, !word.isEmpty,
      let asset = asset(String(word))
    else { return nil }
    return Part(asset: asset, word: String(word), weight: weight.approximate)
  }

  /// The asset of an identity or of a code that everybody uses for one thing.
  private static func asset(_ word: String) -> AssetID? {
    if let asset = AssetID(word) { return asset }
    let code = word.uppercased()
    guard code.utf8.count <= 12, code.utf8.allSatisfy({ $0.isAlphanumeric }) else { return nil }
    return AssetLinks().canonical(.venue(venue: "currency", code: code))
  }

  /// As it is typed.
  var text: String {
    if parts.count == 1, let only = parts.first { return only.word }
    return parts.map { part in
      let share = ReportCell.ratio(part.weight, digits: 4).plain
      return "\(part.word)\(part.word.contains(":") ? "=" : ":")\(share)"
    }.joined(separator: ",")
  }

  /// Its return on each day; `nil` where the price of a part is missing at one end.
  func returns(from first: UTCDay, through last: UTCDay, _ prices: GainPrices) -> [Double?] {
    guard last >= first else { return [] }
    let whole = parts.reduce(0) { $0 + $1.weight }
    return (first.number...last.number).map { number in
      let day = UTCDay(number: number)
      var sum = 0.0
      for part in parts {
        guard let before = prices.close(of: part.asset, on: day.advanced(by: -1)),
          let now = prices.close(of: part.asset, on: day), now.age == 0,
          before.price.fixed > .zero
        else { return nil }
        sum +=
          part.weight / whole * (now.price.fixed.approximate / before.price.fixed.approximate - 1)
      }
      return sum.isFinite ? sum : nil
    }
  }
}

extension Substring {
  fileprivate var trimmedOfSpaces: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension UInt8 {
  fileprivate var isAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self)
  }
}

import Amounts
import Ledger
import Prices

/// The bars of the seconds of one minute in one text, so that a day of them is 1,440 rows.
///
/// `17:67412.5 18:67412.5/67413/67412/67412.9`: the second, then its one price, or the first, the
/// highest, the lowest and the last. More of the same minute is put behind it.
enum PackedSeconds {
  /// The text of bars of one minute.
  static func text(_ bars: [PriceBar]) -> String {
    bars.map { bar in
      let second = bar.start.seconds - BarLength.minute.start(of: bar.start).seconds
      let isOne = bar.open == bar.close && bar.high == bar.low && bar.open == bar.high
      let prices = isOne ? [bar.open] : [bar.open, bar.high, bar.low, bar.close]
      return "\(second):\(prices.map(\.text).joined(separator: "/"))"
    }.joined(separator: " ")
  }

  /// The bars of a text; those of one second in two pieces are put together.
  static func bars(_ text: String, minute: Instant) throws -> [PriceBar] {
    var bars: [PriceBar] = []
    for piece in text.split(separator: " ") {
      let halves = piece.split(separator: ":", maxSplits: 1)
      guard halves.count == 2, let second = Int64(halves[0]), (0..<60).contains(second) else {
        throw StoredTextFault(text: String(piece))
      }
      let prices = try halves[1].split(separator: "/").map { try Price(stored: String($0)) }
      let start = minute.advanced(bySeconds: second)
      let bar: PriceBar
      switch prices.count {
      case 1: bar = PriceBar(start: start, price: prices[0])
      case 4:
        bar = PriceBar(
          start: start, open: prices[0], high: prices[1], low: prices[2], close: prices[3])
      default: throw StoredTextFault(text: String(piece))
      }
      if let last = bars.last, last.start >= start {
        if last.start == start { bars[bars.count - 1].add(bar) }
      } else {
        bars.append(bar)
      }
    }
    return bars
  }
}

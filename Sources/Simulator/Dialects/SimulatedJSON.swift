import Amounts
import Encodings
import Ledger
import VenueKit

extension JSON {
  /// A whole number.
  static func whole(_ value: Int64) -> JSON { .number(String(value)) }
  /// A whole number.
  static func count(_ value: Int) -> JSON { .number(String(value)) }
  /// A whole number as a text.
  static func wholeText(_ value: Int64) -> JSON { .string(String(value)) }
  /// A decimal as a number.
  static func decimal(_ value: Fixed) -> JSON { .number(value.text) }
  /// A decimal as a text.
  static func plain(_ value: Fixed) -> JSON { .string(value.text) }
  /// A decimal as a text with so many digits after the point.
  static func padded(_ value: Fixed, _ digits: Int) -> JSON { .string(value.padded(digits)) }
  /// A time in milliseconds.
  static func millis(_ time: Instant) -> JSON { .number(TimeForm.milliseconds.write(time)) }
  /// A time as ISO 8601 with milliseconds.
  static func iso(_ time: Instant) -> JSON { .string(TimeForm.iso.write(time)) }
  /// A time in whole seconds.
  static func seconds(_ time: Instant) -> JSON { .whole(time.seconds) }

  /// A member of an object.
  subscript(_ name: String) -> JSON? {
    if case .object(let members) = self { return members[name] }
    return nil
  }

  /// An element of an array.
  subscript(_ index: Int) -> JSON? {
    if case .array(let elements) = self, elements.indices.contains(index) {
      return elements[index]
    }
    return nil
  }

  /// A text, or a number as written.
  var plainText: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }

  /// A whole number, also from a text.
  var wholeNumber: Int64? { plainText.flatMap { Int64($0) } }

  /// A decimal, also from a text; `nil` for anything else.
  var fixed: Fixed? { plainText.flatMap { Fixed(simulated: $0) } }

  /// The elements of an array; none for anything else.
  var list: [JSON] {
    if case .array(let elements) = self { return elements }
    return []
  }

  /// Levels as arrays of texts.
  static func levels(
    _ levels: [(price: Fixed, amount: Fixed)], _ market: SimulatedMarket, pad: Bool = true
  ) -> JSON {
    .array(
      levels.map { level in
        pad
          ? .array([.padded(level.price, 8), .padded(level.amount, 8)])
          : .array([
            .padded(level.price, market.priceDigits), .padded(level.amount, market.amountDigits),
          ])
      })
  }
}

extension Fixed {
  /// A number that a client sent; `nil` for a text that is none.
  init?(simulated text: String) {
    do { try self.init(parsing: text) } catch { return nil }
  }
}

extension Instant {
  /// So many milliseconds since 1970; `nil` beyond the range.
  init?(millis: Int64) {
    let (micros, overflow) = millis.multipliedReportingOverflow(by: 1_000)
    if overflow { return nil }
    self.init(microseconds: micros)
  }

  /// Some milliseconds later.
  func advanced(byMilliseconds millis: Int64) -> Instant {
    Instant(microseconds: microseconds &+ millis &* 1_000)
  }

  /// Milliseconds since 1970.
  var milliseconds: Int64 { microseconds / 1_000 }
}

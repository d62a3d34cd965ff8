/// Why a row is refused: which column, what is wrong, and the text, cut to 80 characters.
public struct RowFault: Error, Hashable, Sendable {
  /// What is wrong with a row.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// A cell that must hold something is empty.
    case missing
    /// The text is no number.
    case notANumber = "not-a-number"
    /// The number is beyond what is held exactly; the text is kept.
    case tooLarge = "too-large"
    /// The number has more than 18 fractional digits; the text is kept.
    case tooPrecise = "too-precise"
    /// The text is no date and time of this format.
    case notATime = "not-a-time"
    /// The local time does not exist or comes twice on a day of a clock change.
    case ambiguousTime = "ambiguous-time"
    /// The format does not know this kind of transaction.
    case unknownKind = "unknown-kind"
    /// The rows of one transaction do not fit together.
    case incomplete
    /// The row has fewer or more cells than its header allows.
    case wrongShape = "wrong-shape"
    /// The row breaks the rules of CSV or of its text encoding.
    case malformed
    /// A cell, a row or a group of rows is larger than any real one.
    case tooLong = "too-long"
    /// The file says which way it went in no way that is understood.
    case unclearDirection = "unclear-direction"
  }

  /// What is wrong.
  public let reason: Reason
  /// The column's name, or empty.
  public let column: String
  /// The offending text, at most 80 characters.
  public let text: String

  /// Makes a fault; the text is cut to 80 characters.
  public init(_ reason: Reason, column: String = "", text: String = "") {
    self.reason = reason
    self.column = column
    self.text = String(text.prefix(80))
  }
}

public import Ledger

/// A stretch of time: its beginning belongs to it, its end does not.
public struct Span: Hashable, Sendable {
  /// The beginning.
  public var from: Instant
  /// The end.
  public var to: Instant

  /// Makes a span; an end before the beginning makes an empty one.
  public init(from: Instant, to: Instant) {
    self.from = from
    self.to = max(from, to)
  }

  /// Whether nothing is in it.
  public var isEmpty: Bool { from >= to }

  /// Its length in whole seconds, up to 9.2·10¹² of them.
  public var seconds: Int64 {
    let (length, overflow) = to.microseconds.subtractingReportingOverflow(from.microseconds)
    return overflow ? .max / 1_000_000 : length / 1_000_000
  }

  /// Whether an instant is in it.
  public func contains(_ instant: Instant) -> Bool { from <= instant && instant < to }

  /// What two spans have in common; empty where that is nothing.
  public func intersection(_ other: Span) -> Span {
    Span(from: max(from, other.from), to: min(to, other.to))
  }
}

/// Stretches of time that do not touch, in order.
public struct SpanSet: Hashable, Sendable {
  /// The spans, the earliest first; none is empty and none touches the next.
  public private(set) var spans: [Span] = []

  /// Makes a set of spans in any order.
  public init(_ spans: [Span] = []) {
    for span in spans { insert(span) }
  }

  /// Whether it holds nothing.
  public var isEmpty: Bool { spans.isEmpty }

  /// The end of the last span.
  public var end: Instant? { spans.last?.to }

  /// The seconds of all spans together.
  public var seconds: Int64 {
    spans.reduce(0) { sum, span in
      let (next, overflow) = sum.addingReportingOverflow(span.seconds)
      return overflow ? .max : next
    }
  }

  /// Adds a span, joining what touches it.
  public mutating func insert(_ span: Span) {
    guard !span.isEmpty else { return }
    var joined = span
    var kept: [Span] = []
    for known in spans {
      if known.to < joined.from || joined.to < known.from {
        kept.append(known)
      } else {
        joined = Span(from: min(known.from, joined.from), to: max(known.to, joined.to))
      }
    }
    let place = kept.firstIndex { $0.from > joined.from } ?? kept.count
    kept.insert(joined, at: place)
    spans = kept
  }

  /// Takes a span away.
  public mutating func remove(_ span: Span) {
    guard !span.isEmpty else { return }
    spans = spans.flatMap { known -> [Span] in
      [
        Span(from: known.from, to: min(known.to, span.from)),
        Span(from: max(known.from, span.to), to: known.to),
      ].filter { !$0.isEmpty }
    }
  }

  /// Adds every span of another set.
  public mutating func formUnion(_ other: SpanSet) {
    for span in other.spans { insert(span) }
  }

  /// Takes every span of another set away.
  public mutating func subtract(_ other: SpanSet) {
    for span in other.spans { remove(span) }
  }

  /// The parts that lie in a span.
  public func clipped(to span: Span) -> SpanSet {
    SpanSet(spans.map { $0.intersection(span) }.filter { !$0.isEmpty })
  }

  /// Whether an instant is in one of the spans.
  public func contains(_ instant: Instant) -> Bool { spans.contains { $0.contains(instant) } }

  /// Whether all of a span is in the set.
  public func covers(_ span: Span) -> Bool {
    span.isEmpty || spans.contains { $0.from <= span.from && span.to <= $0.to }
  }
}

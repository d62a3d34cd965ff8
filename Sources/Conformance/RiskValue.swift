import Encodings

/// A figure, or figures by name or in order, as the risk cases write them.
indirect enum RiskValue {
  case number(Double)
  /// Undefined by its definition.
  case undefined
  case text(String)
  case truth(Bool)
  case list([RiskValue])
  case table([String: RiskValue])

  /// A number, or undefined; what is no number counts as undefined too and never passes for one.
  init(_ value: Double?) {
    if let value, value.isFinite { self = .number(value) } else { self = .undefined }
  }
  init(_ value: Int) { self = .number(Double(value)) }
  init(_ values: [Double]) { self = .list(values.map { RiskValue($0) }) }
  init(_ values: [Double?]) { self = .list(values.map { RiskValue($0) }) }
  init(_ rows: [[Double]]) { self = .list(rows.map { RiskValue($0) }) }
  init(_ rows: [[Double?]]) { self = .list(rows.map { RiskValue($0) }) }
  init(_ texts: [String]) { self = .list(texts.map { .text($0) }) }

  /// How this differs from what is expected; more may be here than is expected.
  ///
  /// A number passes when |got - expected| <= absolute + relative · max(|got|, |expected|).
  func differences(
    from expected: JSON, relative: Double, absolute: Double, at path: String = ""
  ) -> [String] {
    switch (expected, self) {
    case (.null, .undefined): return []
    case (.number(let text), .number(let found)):
      guard let wanted = Double(text) else { return ["\(path): \(text) is no number"] }
      let bound = absolute + relative * max(abs(wanted), abs(found))
      return abs(found - wanted) <= bound ? [] : ["\(path): expected \(wanted), found \(found)"]
    case (.string(let wanted), .text(let found)):
      return wanted == found ? [] : ["\(path): expected \(wanted), found \(found)"]
    case (.bool(let wanted), .truth(let found)):
      return wanted == found ? [] : ["\(path): expected \(wanted), found \(found)"]
    case (.array(let wanted), .list(let found)):
      guard wanted.count == found.count else {
        return ["\(path): expected \(wanted.count) elements, found \(found.count)"]
      }
      return zip(wanted, found).enumerated().flatMap { index, pair in
        pair.1.differences(
          from: pair.0, relative: relative, absolute: absolute, at: "\(path)[\(index)]")
      }
    case (.object(let wanted), .table(let found)):
      return zip(wanted.names, wanted.values).flatMap { name, value in
        guard let own = found[name] else { return ["\(path).\(name): not given"] }
        return own.differences(
          from: value, relative: relative, absolute: absolute, at: "\(path).\(name)")
      }
    default: return ["\(path): expected \(expected.text.prefix(80)), found \(self)"]
    }
  }
}

import Canvas

/// What an adapter's program says on standard error, on its way to the log: few, short and harmless
/// lines without secrets.
struct AdapterNoise {
  /// The most lines of one run.
  static let mostLines = 64
  /// The most bytes of a line.
  static let mostBytes = 400

  private var line: [UInt8] = []
  private var lines = 0
  private let log: @Sendable (String) -> Void

  init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

  /// Takes in what was said, hiding these texts.
  mutating func take(_ bytes: ArraySlice<UInt8>, hiding secrets: [String]) {
    for byte in bytes {
      if lines >= AdapterNoise.mostLines { return }
      if byte == 0x0A {
        tell(hiding: secrets)
      } else if line.count < AdapterNoise.mostBytes {
        line.append(byte)
      }
    }
  }

  /// Takes the end of what was said.
  mutating func end(hiding secrets: [String]) {
    if !line.isEmpty, lines < AdapterNoise.mostLines { tell(hiding: secrets) }
  }

  private mutating func tell(hiding secrets: [String]) {
    var text = String(decoding: line, as: UTF8.self)
    let isCut = line.count >= AdapterNoise.mostBytes
    line = []
    lines += 1
    for secret in secrets { text = text.replacing(secret, with: "(secret)") }
    // A secret that the cut may have gone through is not shown in part.
    if isCut { text = String(text.dropLast(secrets.map(\.count).max() ?? 0)) }
    log(Sanitiser.line(text, columns: AdapterNoise.mostBytes))
    if lines == AdapterNoise.mostLines { log("it says more, which is not logged") }
  }
}

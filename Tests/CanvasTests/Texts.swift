import TestSupport

extension Seeded {
  /// A text of code points from everywhere, those that are dangerous to a terminal more often.
  mutating func text(upTo limit: Int) -> String {
    let odd: [ClosedRange<UInt32>] = [
      0...0x1F, 0x20...0x7E, 0x7F...0x9F, 0x300...0x36F, 0x200B...0x200F, 0x202A...0x202E,
      0x2060...0x206F, 0x3040...0x30FF, 0x4E00...0x9FFF, 0xE000...0xF8FF, 0xFE00...0xFE0F,
      0x1F300...0x1FAFF, 0xE0000...0xE01FF, 0...0x10FFFF,
    ]
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...limit, using: &self) {
      let range = odd[Int.random(in: 0..<odd.count, using: &self)]
      scalars.append(
        Unicode.Scalar(UInt32.random(in: range, using: &self)) ?? Unicode.Scalar(0xFFFD as UInt16)
          ?? " ")
    }
    return String(scalars)
  }
}

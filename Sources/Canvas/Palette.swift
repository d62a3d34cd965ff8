/// The fixed palettes of terminals, and the way into them.
///
/// The 256-colour cube has the levels 0, 95, 135, 175, 215, 255 and the grey ramp 8, 18, ... 238
/// (xterm, 256colres.pl). Mapping each part linearly misses the right entry, so the nearest is
/// looked for by CIEDE2000. The first sixteen are the user's own and never taken for a shade.
public enum Palette {
  /// The sRGB value of an index from 16 to 255; below that xterm's default for it.
  public static func shade(_ index: UInt8) -> Shade {
    if index < 16 { return named[Int(index)] }
    if index >= 232 {
      let level = 8 + 10 * (index - 232)
      return Shade(red: level, green: level, blue: level)
    }
    let cube = Int(index) - 16
    return Shade(
      red: levels[cube / 36], green: levels[cube / 6 % 6], blue: levels[cube % 6])
  }

  /// The index from 16 to 255 whose colour is nearest by CIEDE2000; the lowest of equals.
  public static func nearest256(to shade: Shade) -> UInt8 {
    nearest(to: shade, among: 16...255)
  }

  /// The index from 0 to 15 whose xterm default is nearest by CIEDE2000.
  public static func nearest16(to shade: Shade) -> UInt8 {
    nearest(to: shade, among: 0...15)
  }

  private static func nearest(to shade: Shade, among indices: ClosedRange<UInt8>) -> UInt8 {
    let wanted = Lab(shade)
    var best = indices.lowerBound
    var least = Double.infinity
    for index in indices {
      let distance = wanted.difference(to: labs[Int(index)])
      if distance < least { (best, least) = (index, distance) }
    }
    return best
  }

  private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

  /// The CIELAB values of all indices, computed once.
  private static let labs: [Lab] = (0...255).map { Lab(shade(UInt8($0))) }

  /// xterm's defaults for the first sixteen (XTerm-col.ad).
  private static let named: [Shade] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
    (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
    (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ].map { (parts: (UInt8, UInt8, UInt8)) in
    Shade(red: parts.0, green: parts.1, blue: parts.2)
  }
}

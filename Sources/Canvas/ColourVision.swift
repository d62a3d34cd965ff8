#if canImport(Glibc)
  import Glibc
#endif

/// A colour in CIELAB under D65, for distances as people see them.
public struct Lab: Hashable, Sendable {
  /// Lightness, 0 to 100.
  public let lightness: Double
  /// From green to red.
  public let a: Double
  /// From blue to yellow.
  public let b: Double

  /// Makes a colour from its coordinates.
  public init(lightness: Double, a: Double, b: Double) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }

  /// Converts from sRGB.
  /// - Source: IEC 61966-2-1 (sRGB to XYZ), CIE 15:2004 (XYZ to L*a*b*), white D65 of 2 degrees.
  public init(_ shade: Shade) { self.init(shade.linear) }

  init(_ light: LinearLight) {
    let x = (0.4124564 * light.red + 0.3575761 * light.green + 0.1804375 * light.blue) / 0.95047
    let y = 0.2126729 * light.red + 0.7151522 * light.green + 0.0721750 * light.blue
    let z = (0.0193339 * light.red + 0.1191920 * light.green + 0.9503041 * light.blue) / 1.08883
    let (fx, fy, fz) = (Lab.root(x), Lab.root(y), Lab.root(z))
    self.init(lightness: 116 * fy - 16, a: 500 * (fx - fy), b: 200 * (fy - fz))
  }

  private static func root(_ value: Double) -> Double {
    value > 216.0 / 24_389 ? cbrt(value) : (24_389.0 / 27 * value + 16) / 116
  }

  /// The distance by CIEDE2000; about 1 is the least that is seen side by side.
  /// - Source: Sharma, Wu, Dalal, The CIEDE2000 Color-Difference Formula, Color Research and
  ///   Application 30(1), 2005, equations 2 to 22.
  public func difference(to other: Lab) -> Double {
    let chroma = (hypot(a, b) + hypot(other.a, other.b)) / 2
    let g = 0.5 * (1 - Lab.weight(chroma))
    let (a1, a2) = ((1 + g) * a, (1 + g) * other.a)
    let (c1, c2) = (hypot(a1, b), hypot(a2, other.b))
    let (h1, h2) = (Lab.hue(a1, b), Lab.hue(a2, other.b))
    let isGrey = c1 * c2 == 0
    var turn = isGrey ? 0 : h2 - h1
    if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
    let deltaHue = 2 * (c1 * c2).squareRoot() * sin(Lab.radians(turn / 2))
    var hue = h1 + h2
    if !isGrey {
      if abs(h1 - h2) > 180 { hue += hue < 360 ? 360 : -360 }
      hue /= 2
    }
    return combined(
      lightness: (lightness, other.lightness), chroma: (c1, c2), deltaHue: deltaHue, hue: hue)
  }

  /// The weighted sum of the three differences, equations 12 to 22.
  private func combined(
    lightness: (Double, Double), chroma: (Double, Double), deltaHue: Double, hue: Double
  ) -> Double {
    let meanChroma = (chroma.0 + chroma.1) / 2
    let fromMiddle = (lightness.0 + lightness.1) / 2 - 50
    let t1 = 1 - 0.17 * cos(Lab.radians(hue - 30)) + 0.24 * cos(Lab.radians(2 * hue))
    let t2 = 0.32 * cos(Lab.radians(3 * hue + 6)) - 0.20 * cos(Lab.radians(4 * hue - 63))
    let square = fromMiddle * fromMiddle
    let sl = 1 + 0.015 * square / (20 + square).squareRoot()
    let sc = 1 + 0.045 * meanChroma
    let sh = 1 + 0.015 * meanChroma * (t1 + t2)
    let bend = (hue - 275) / 25
    let rotation = -2 * Lab.weight(meanChroma) * sin(Lab.radians(60 * exp(-bend * bend)))
    let dl = (lightness.1 - lightness.0) / sl
    let dc = (chroma.1 - chroma.0) / sc
    let dh = deltaHue / sh
    return (dl * dl + dc * dc + dh * dh + rotation * dc * dh).squareRoot()
  }

  /// The root of C^7 / (C^7 + 25^7), equations 4 and 20.
  private static func weight(_ chroma: Double) -> Double {
    let seventh = pow(chroma, 7)
    return (seventh / (seventh + 6_103_515_625)).squareRoot()
  }

  /// The hue angle in degrees, 0 to 360; 0 for grey.
  private static func hue(_ a: Double, _ b: Double) -> Double {
    guard a != 0 || b != 0 else { return 0 }
    let degrees = atan2(b, a) * 180 / Double.pi
    return degrees < 0 ? degrees + 360 : degrees
  }

  private static func radians(_ degrees: Double) -> Double { degrees * Double.pi / 180 }
}

/// The ways of seeing that a theme has to work for.
public enum Vision: String, CaseIterable, Sendable {
  case normal
  case protanopia
  case deuteranopia
  case tritanopia
}

/// Amounts of light, proportional to energy, 0 to 1.
struct LinearLight {
  let red: Double
  let green: Double
  let blue: Double
}

extension Shade {
  /// How the colour looks to somebody, in CIELAB.
  /// - Source: Machado, Oliveira, Fernandes, A Physiologically-based Model for Simulation of Color
  ///   Vision Deficiency, IEEE TVCG 15(6), 2009, table of matrices, severity 1.0, in linear RGB.
  public func seen(with vision: Vision) -> Lab {
    let light = linear
    guard let m = vision.matrix else { return Lab(light) }
    func part(_ row: Int) -> Double {
      let sum = m[row] * light.red + m[row + 1] * light.green + m[row + 2] * light.blue
      return min(max(sum, 0), 1)
    }
    return Lab(LinearLight(red: part(0), green: part(3), blue: part(6)))
  }

  /// The contrast of two colours, 1 to 21.
  /// - Source: WCAG 2.1, definitions of contrast ratio and relative luminance.
  public func contrast(with other: Shade) -> Double {
    let (one, two) = (luminance, other.luminance)
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
  }

  private var luminance: Double {
    let light = linear
    return 0.2126 * light.red + 0.7152 * light.green + 0.0722 * light.blue
  }

  var linear: LinearLight {
    LinearLight(
      red: Shade.linear(red), green: Shade.linear(green), blue: Shade.linear(blue))
  }

  private static func linear(_ part: UInt8) -> Double {
    let value = Double(part) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
}

extension Vision {
  /// The matrix for linear RGB, row after row; none for normal vision.
  fileprivate var matrix: [Double]? {
    switch self {
    case .normal: nil
    case .protanopia:
      [
        0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
        1.051998,
      ]
    case .deuteranopia:
      [
        0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
        0.968881,
      ]
    case .tritanopia:
      [
        1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
        0.303900,
      ]
    }
  }
}

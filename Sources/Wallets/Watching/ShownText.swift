/// Text that a chain gave, made fit to be compared and shown.
public enum ShownText {
  /// The longest text that stays, in characters.
  public static let longest = 64

  /// The text without what could move a cursor, turn a line around or hide.
  ///
  /// Taken off: control characters of both sets, marks of direction, invisible and format
  /// characters, line and paragraph ends, private and unassigned code points.
  public static func cleaned(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where isShown(scalar) { scalars.append(scalar) }
    return String(String(scalars).prefix(longest))
  }

  /// Whether anything would be taken off.
  public static func isClean(_ text: String) -> Bool { cleaned(text) == text }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return false
    default:
      // Variation selectors change how the character before them looks; U+3164 is a blank letter.
      let isSelector = (0xFE00...0xFE0F).contains(scalar.value)
      return !isSelector && scalar.value != 0x3164 && scalar.value != 0x115F
    }
  }

  /// The text in small Latin letters and digits, with letters that look like them read as them.
  ///
  /// Two texts of one skeleton are easily taken for each other
  /// (https://www.unicode.org/reports/tr39/#Confusable_Detection); this holds the letters that
  /// counterfeit tickers use, not the whole table.
  public static func skeleton(_ text: String) -> String {
    var result = ""
    for scalar in cleaned(text).unicodeScalars {
      if let alike = lookAlikes[scalar] {
        result += alike
        continue
      }
      let small = scalar.properties.lowercaseMapping
      for part in small.unicodeScalars where part.properties.isAlphabetic || isDigit(part) {
        if let alike = lookAlikes[part] {
          result += alike
        } else {
          result.unicodeScalars.append(part)
        }
      }
    }
    return result
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x30 && scalar.value <= 0x39
  }

  private static let lookAlikes: [Unicode.Scalar: String] = [
    // Cyrillic
    "а": "a", "в": "b", "с": "c", "е": "e", "н": "h", "і": "i", "ј": "j", "к": "k", "м": "m",
    "о": "o", "р": "p", "ѕ": "s", "т": "t", "у": "y", "х": "x", "ԁ": "d", "ԍ": "g", "А": "a",
    "В": "b", "С": "c", "Е": "e", "Н": "h", "І": "i", "Ј": "j", "К": "k", "М": "m", "О": "o",
    "Р": "p", "Ѕ": "s", "Т": "t", "У": "y", "Х": "x",
    // Greek
    "α": "a", "ο": "o", "ν": "v", "ρ": "p", "ι": "i", "Α": "a", "Β": "b", "Ε": "e", "Η": "h",
    "Ι": "i", "Κ": "k", "Μ": "m", "Ν": "n", "Ο": "o", "Ρ": "p", "Τ": "t", "Υ": "y", "Χ": "x",
    "Ζ": "z",
    // Latin that looks like other Latin
    "ı": "i", "ɑ": "a", "ո": "n", "օ": "o", "ս": "u", "₮": "t", "Đ": "d", "đ": "d", "ⅽ": "c",
    "ⅾ": "d",
  ]

  /// Whether letters of more than one of the Latin, Cyrillic and Greek scripts stand together.
  public static func isMixed(_ text: String) -> Bool {
    var scripts: Set<Int> = []
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      switch scalar.value {
      case 0x41...0x24F: scripts.insert(0)
      case 0x370...0x3FF: scripts.insert(1)
      case 0x400...0x52F: scripts.insert(2)
      default: break
      }
    }
    return scripts.count > 1
  }
}

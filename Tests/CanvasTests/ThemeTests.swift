import Testing

@testable import Canvas

@Suite struct ThemeTests {
  // Sharma, Wu, Dalal, 2005, table 1: two colours and their difference to four places.
  static let sharma: [[Double]] = [
    [50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425],
    [50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615],
    [50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412],
    [50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000],
    [50, -1.1848, -84.8006, 50, 0, -82.7485, 1.0000],
    [50, -0.9009, -85.5211, 50, 0, -82.7485, 1.0000],
    [50, 0, 0, 50, -1, 2, 2.3669],
    [50, -1, 2, 50, 0, 0, 2.3669],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0009, 7.1792],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0010, 7.1792],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0011, 7.2195],
    [50, 2.4900, -0.0010, 50, -2.4900, 0.0012, 7.2195],
    [50, -0.0010, 2.4900, 50, 0.0009, -2.4900, 4.8045],
    [50, -0.0010, 2.4900, 50, 0.0010, -2.4900, 4.8045],
    [50, -0.0010, 2.4900, 50, 0.0011, -2.4900, 4.7461],
    [50, 2.5000, 0, 50, 0, -2.5000, 4.3065],
    [50, 2.5000, 0, 73, 25, -18, 27.1492],
    [50, 2.5000, 0, 61, -5, 29, 22.8977],
    [50, 2.5000, 0, 56, -27, -3, 31.9030],
    [50, 2.5000, 0, 58, 24, 15, 19.4535],
    [50, 2.5000, 0, 50, 3.1736, 0.5854, 1.0000],
    [50, 2.5000, 0, 50, 3.2972, 0, 1.0000],
    [50, 2.5000, 0, 50, 1.8634, 0.5757, 1.0000],
    [50, 2.5000, 0, 50, 3.2592, 0.3350, 1.0000],
    [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
    [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
    [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
    [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
    [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
    [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
    [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
    [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
    [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
    [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
  ]

  @Test(arguments: sharma) func `colour differences are those of the paper`(row: [Double]) {
    let one = Lab(lightness: row[0], a: row[1], b: row[2])
    let other = Lab(lightness: row[3], a: row[4], b: row[5])
    #expect(abs(one.difference(to: other) - row[6]) < 0.00005)
  }

  // xterm's 256colres.pl: 16 is black, 231 white, 196 pure red, 244 grey 128, 67 #5f87af.
  @Test(arguments: [
    ("#000000", 16), ("#ffffff", 231), ("#ff0000", 196), ("#808080", 244), ("#5f87af", 67),
  ])
  func `a colour of the cube is its own nearest`(hex: String, index: UInt8) throws {
    let shade = try #require(Shade(hex: hex))
    #expect(Palette.nearest256(to: shade) == index)
    #expect(Colour.shade(shade).ink(at: .twoFiftySix) == .indexed(index))
  }

  @Test func `every index above fifteen is its own nearest or equal to it`() {
    for index in UInt8(16)...255 {
      let nearest = Palette.nearest256(to: Palette.shade(index))
      #expect(Palette.shade(nearest) == Palette.shade(index))
    }
  }

  // WCAG 2.1: black on white is 21, a colour on itself 1.
  @Test func `contrast runs from 1 to 21`() throws {
    let (black, white) = (Palette.shade(16), Palette.shade(231))
    #expect(abs(black.contrast(with: white) - 21) < 1e-9)
    #expect(white.contrast(with: white) == 1)
    // Grey is grey for everybody: each row of the matrices adds up to one.
    for vision in Vision.allCases {
      #expect(Palette.shade(244).seen(with: vision).difference(to: Lab(Palette.shade(244))) < 0.1)
    }
  }

  private let theme = Theme(
    name: "t", title: "T", paper: .dark,
    looks: [
      "text": Look(foreground: .ansi(7), background: .ansi(0)),
      "value": Look(foreground: .ansi(3)),
      "value.up": Look(foreground: .ansi(2), attributes: .bold),
      "row.cursor": Look(background: .ansi(4), attributes: .underline),
      "popup": Look(foreground: .ansi(5), background: .ansi(6)),
    ], mono: ["value": .italic])

  @Test func `the longest beginning of a token wins`() {
    #expect(theme.look(of: .valueUp).foreground == .ansi(2))
    #expect(theme.look(of: .valueDown).foreground == .ansi(3))
    #expect(!theme.covers(.hint) && theme.covers(.valueStale))
  }

  @Test func `text keeps its meaning and takes its surface`() {
    let up = theme.appearance(of: Style(.valueUp, on: .rowCursor), at: .sixteen)
    #expect(up.foreground == .indexed(2) && up.background == .indexed(4))
    #expect(up.attributes == [.bold, .underline])
    let popup = theme.appearance(of: Style(.text, on: .popup), at: .sixteen)
    #expect(popup.foreground == .indexed(5) && popup.background == .indexed(6))
    let plain = theme.appearance(of: .plain, at: .sixteen)
    #expect(plain.foreground == .indexed(7) && plain.background == .indexed(0))
  }

  @Test func `without colours only attributes are left and the cursor row is seen`() {
    let row = theme.appearance(of: Style(.valueUp, on: .rowCursor), at: .none)
    #expect(row.foreground == .terminal && row.background == .terminal)
    #expect(row.attributes == [.italic, .reverse])
  }

  @Test func `the built-in theme covers every role`() {
    for role in Role.allCases { #expect(Theme.builtIn.covers(role), "\(role)") }
  }
}

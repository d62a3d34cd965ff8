/// Turns the bytes of a terminal into events; a state machine that never asks for more.
///
/// It knows the keys of xterm, rxvt, screen, the Linux console and the CSI u form, bracketed paste,
/// SGR and X10 mouse reports and focus reports. Replies and anything unknown are swallowed whole,
/// also when they arrive in pieces, so that they never act as keys. The same bytes give the same
/// events however they are cut.
/// - Source: ECMA-48 5th edition, section 5.4 (control sequences) and 8.3 (ST, DCS, OSC, ...);
///   XTerm Control Sequences, https://invisible-island.net/xterm/ctlseqs/ctlseqs.html;
///   https://www.leonerd.org.uk/hacks/fixterms/ (CSI u).
public struct InputDecoder: Sendable {
  /// The most bytes of a paste that are kept.
  public static let pasteLimit = 65_536
  /// The most bytes a sequence may have before it is given up.
  public static let sequenceLimit = 4_096

  private enum State {
    /// Between sequences.
    case ground
    /// In a UTF-8 character, with so many bytes to come.
    case character(missing: Int)
    /// After ESC; `isDouble` after two of them.
    case escape(isDouble: Bool)
    /// After CSI; `isAlt` when ESC stood before it.
    case control(isAlt: Bool)
    /// After `CSI [`, the Linux console's F1 to F5.
    case console
    /// After SS3.
    case single(isAlt: Bool)
    /// In OSC, DCS, APC, PM or SOS until ST or BEL; `isEnding` after an ESC.
    case text(isEnding: Bool)
    /// In the three bytes of an X10 mouse report.
    case mouse
    /// In a bracketed paste.
    case paste
  }

  private var state = State.ground
  private var buffer: [UInt8] = []
  private var length = 0
  private var isPasteCut = false
  private let erase: UInt8

  /// Makes a decoder; `erase` is the byte the terminal sends for Backspace (its VERASE).
  public init(erase: UInt8 = 0x7F) { self.erase = erase }

  /// How long to wait for more before calling `expire()`, in milliseconds; `nil`: for ever.
  public var expiryMilliseconds: Int? {
    switch state {
    case .ground: nil
    case .escape: 25
    default: 1_000
    }
  }

  /// Takes bytes and gives all events they complete.
  public mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    var events: [InputEvent] = []
    for byte in bytes { take(byte, &events) }
    return events
  }

  /// Says that nothing came for `expiryMilliseconds`: a lone ESC is the key, the rest is dropped.
  public mutating func expire() -> [InputEvent] {
    defer { reset() }
    switch state {
    case .escape(let isDouble):
      let escape = InputEvent.key(Key(.escape))
      return isDouble ? [escape, escape] : [escape]
    case .paste: return [pasted()]
    case .character: return [.key(.character("\u{FFFD}"))]
    default: return []
    }
  }

  /// Takes one byte.
  private mutating func take(_ byte: UInt8, _ events: inout [InputEvent]) {
    switch state {
    case .ground: ground(byte, &events)
    case .character(let missing): character(byte, missing: missing, &events)
    case .escape(let isDouble): escape(byte, isDouble: isDouble, &events)
    case .control(let isAlt): control(byte, isAlt: isAlt, &events)
    case .console: finish(InputDecoder.consoleKey(byte), &events)
    case .single(let isAlt): single(byte, isAlt: isAlt, &events)
    case .text(let isEnding): text(byte, isEnding: isEnding, &events)
    case .mouse:
      buffer.append(byte)
      if buffer.count == 3 { finish(InputDecoder.oldMouse(buffer), &events) }
    case .paste: paste(byte, &events)
    }
  }

  private mutating func reset() {
    state = .ground
    buffer = []
    length = 0
  }

  /// Ends a sequence with its event, if it has one.
  private mutating func finish(_ event: InputEvent?, _ events: inout [InputEvent]) {
    reset()
    if let event { events.append(event) }
  }

  // MARK: Characters

  private mutating func ground(_ byte: UInt8, _ events: inout [InputEvent]) {
    switch byte {
    case 0x1B: state = .escape(isDouble: false)
    case 0x00...0x7F: events.append(.key(plain(byte)))
    case 0xC2...0xDF: begin(byte, missing: 1)
    case 0xE0...0xEF: begin(byte, missing: 2)
    case 0xF0...0xF4: begin(byte, missing: 3)
    default: events.append(.key(.character("\u{FFFD}")))
    }
  }

  /// The key of a byte below 128 other than ESC.
  private func plain(_ byte: UInt8, _ held: Key.Modifiers = []) -> Key {
    if byte == erase || byte == 0x7F { return Key(.backspace, held) }
    switch byte {
    case 0x00: return Key(.character(" "), held.union(.control))
    case 0x09: return Key(.tab, held)
    case 0x0D: return Key(.enter, held)
    case 0x01...0x1A:
      return Key(.character(Unicode.Scalar(byte + 0x60)), held.union(.control))
    case 0x1C...0x1F:
      return Key(.character(Unicode.Scalar(byte + 0x40)), held.union(.control))
    default: return Key(.character(Unicode.Scalar(byte)), held)
    }
  }

  private mutating func begin(_ byte: UInt8, missing: Int) {
    buffer = [byte]
    state = .character(missing: missing)
  }

  private mutating func character(_ byte: UInt8, missing: Int, _ events: inout [InputEvent]) {
    guard byte & 0xC0 == 0x80 else {
      finish(.key(.character("\u{FFFD}")), &events)
      take(byte, &events)
      return
    }
    buffer.append(byte)
    if missing > 1 {
      state = .character(missing: missing - 1)
    } else {
      finish(InputDecoder.typed(buffer), &events)
    }
  }

  /// The key of a whole UTF-8 character; none for a control of the C1 set.
  private static func typed(_ bytes: [UInt8]) -> InputEvent? {
    let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
    guard text.count == 1, let scalar = text.first else { return .key(.character("\u{FFFD}")) }
    return (0x80...0x9F).contains(scalar.value) ? nil : .key(.character(scalar))
  }

  // MARK: Sequences

  private mutating func escape(_ byte: UInt8, isDouble: Bool, _ events: inout [InputEvent]) {
    switch byte {
    case UInt8(ascii: "["):
      state = .control(isAlt: isDouble)
    case UInt8(ascii: "O"):
      state = .single(isAlt: isDouble)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"),
      UInt8(ascii: "X"):
      state = .text(isEnding: false)
    case 0x1B:
      if isDouble { events.append(.key(Key(.escape))) }
      state = .escape(isDouble: true)
    case 0x80...0xFF:
      reset()
      events.append(.key(Key(.escape)))
      take(byte, &events)
    default:
      if isDouble { events.append(.key(Key(.escape))) }
      finish(.key(plain(byte, .alt)), &events)
    }
  }

  private mutating func control(_ byte: UInt8, isAlt: Bool, _ events: inout [InputEvent]) {
    switch byte {
    case 0x1B:
      reset()
      state = .escape(isDouble: false)
    case 0x18, 0x1A: reset()
    case UInt8(ascii: "[") where buffer.isEmpty && length == 0: state = .console
    case UInt8(ascii: "M") where buffer.isEmpty && length == 0: state = .mouse
    // rxvt ends Shift-keys with a byte that is no end elsewhere: ESC [ 5 $.
    case UInt8(ascii: "$")
    where !buffer.isEmpty && buffer.allSatisfy({ (0x30...0x39).contains($0) }):
      finish(ControlSequence(buffer, final: byte, isAlt: isAlt).event, &events)
    case 0x20...0x3F:
      length += 1
      if length > InputDecoder.sequenceLimit {
        reset()
      } else if buffer.count < 64 {
        buffer.append(byte)
      }
    case 0x40...0x7E: end(byte, isAlt: isAlt, &events)
    default: break
    }
  }

  /// Ends a control sequence.
  private mutating func end(_ byte: UInt8, isAlt: Bool, _ events: inout [InputEvent]) {
    let sequence = ControlSequence(buffer, final: byte, isAlt: isAlt)
    if sequence.isPasteStart {
      reset()
      isPasteCut = false
      state = .paste
    } else {
      finish(sequence.event, &events)
    }
  }

  private mutating func single(_ byte: UInt8, isAlt: Bool, _ events: inout [InputEvent]) {
    if byte == 0x1B {
      reset()
      state = .escape(isDouble: false)
    } else if (0x30...0x39).contains(byte), buffer.count < 4 {
      buffer.append(byte)
    } else {
      finish(ControlSequence.single(byte, parameters: buffer, isAlt: isAlt), &events)
    }
  }

  private mutating func text(_ byte: UInt8, isEnding: Bool, _ events: inout [InputEvent]) {
    length += 1
    switch byte {
    case UInt8(ascii: "\\") where isEnding: reset()
    case 0x07, 0x18, 0x1A: reset()
    case 0x1B: state = .text(isEnding: true)
    case _ where isEnding:
      reset()
      state = .escape(isDouble: false)
      take(byte, &events)
    case _ where length > InputDecoder.sequenceLimit: reset()
    default: break
    }
  }

  // MARK: Paste and mouse

  /// Collects a paste; its end mark begins with the only ESC in it, so a part of one that leads
  /// nowhere is text.
  private mutating func paste(_ byte: UInt8, _ events: inout [InputEvent]) {
    if byte == InputDecoder.pasteEnd[length] {
      length += 1
      if length == InputDecoder.pasteEnd.count { finish(pasted(), &events) }
      return
    }
    keep(InputDecoder.pasteEnd.prefix(length))
    length = 0
    if byte == InputDecoder.pasteEnd[0] { length = 1 } else { keep([byte]) }
  }

  private mutating func keep(_ bytes: some Collection<UInt8>) {
    let room = InputDecoder.pasteLimit - buffer.count
    if bytes.count > room { isPasteCut = true }
    buffer.append(contentsOf: bytes.prefix(room))
  }

  private func pasted() -> InputEvent {
    let text = String(decoding: buffer, as: UTF8.self)
    return .paste(
      Sanitiser.line(text, columns: 2 * InputDecoder.pasteLimit), isCut: isPasteCut)
  }

  private static let pasteEnd: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

  private static func consoleKey(_ byte: UInt8) -> InputEvent? {
    guard (0x41...0x45).contains(byte) else { return nil }
    return .key(Key(.function(byte - 0x40)))
  }

  /// A report of three bytes, each 32 above its number.
  private static func oldMouse(_ bytes: [UInt8]) -> InputEvent? {
    let numbers = bytes.map { Int($0) - 32 }
    guard numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    let button = numbers[0]
    return .mouse(
      .init(
        button: button & 3 == 3 ? 0 : button & 67,
        place: Point(x: numbers[1] - 1, y: numbers[2] - 1),
        isPressed: button & 3 != 3, isDrag: button & 32 != 0))
  }
}

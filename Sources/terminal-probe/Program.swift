// terminal-probe: a program for the tests of Terminal, never installed.
//
// It shows one frame, then prints every event it decodes into it, until it is told to leave:
// `q` or the end of input or a signal. `c` changes one cell, `x` crashes, `z` stops, `t` changes
// the theme, `p` shows the cursor, `f` draws hostile text, `w` writes another text into every cell. Options: `--mono`, `--ascii`.
import Canvas
import Glibc
import Terminal

@main
struct Program {
  private let terminal: Terminal
  private var log: [String] = []
  private var count = 0
  private var hasCursor = false
  private var isHostile = false
  private var wall = 0

  static func main() {
    var options = TerminalOptions()
    if CommandLine.arguments.contains("--mono") { options.colour = .never }
    if CommandLine.arguments.contains("--always") { options.colour = .always }
    if CommandLine.arguments.contains("--ascii") { options.glyphs = .ascii }
    do {
      var program = Program(terminal: try Terminal.open(theme: theme, options: options))
      exit(program.run())
    } catch {
      print(error.sentence)
      exit(2)
    }
  }

  /// The built-in theme with one colour of its own, to be seen at every depth.
  private static let theme: Theme = {
    var looks = Theme.builtIn.looks
    looks["value.up"] = Look(foreground: .shade(Shade(red: 0x4F, green: 0xA3, blue: 0xFF)))
    return Theme(name: "probe", title: "Probe", paper: .dark, looks: looks)
  }()

  private init(terminal: Terminal) { self.terminal = terminal }

  private mutating func run() -> Int32 {
    while true {
      let isShown = terminal.show(frame())
      var waits = [
        pollfd(fd: terminal.inputDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: terminal.signals.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&waits, 2, Int32(terminal.inputExpiryMilliseconds ?? (isShown ? -1 : 30)))
      for signal in terminal.signals.drain() {
        if let status = answer(signal) { return leave(status) }
      }
      let events = ready == 0 ? terminal.expireInput() : terminal.readEvents()
      for event in events {
        if let status = answer(event) { return leave(status) }
      }
    }
  }

  private func leave(_ status: Int32) -> Int32 {
    terminal.close()
    return status
  }

  private mutating func answer(_ signal: Signal) -> Int32? {
    switch signal {
    case .resize: terminal.resize()
    case .resume: terminal.redraw()
    case .stop: terminal.suspend()
    case .hangUp, .interrupt, .terminate: return signal.exitStatus
    }
    return nil
  }

  private mutating func answer(_ event: InputEvent) -> Int32? {
    log.append("\(event)")
    switch event {
    case .endOfInput: return 129
    case .key(let key):
      switch key.description {
      case "q": return 0
      case "c": count += 1
      case "x": crash()
      case "z": terminal.suspend()
      case "t": terminal.use(Program.theme)
      case "p": hasCursor.toggle()
      case "f": isHostile.toggle()
      case "w": wall += 1
      default: break
      }
    default: break
    }
    return nil
  }

  private func crash() {
    let nowhere = UnsafeMutablePointer<Int>(bitPattern: 8)
    nowhere?.pointee = count
  }

  private func frame() -> Frame {
    var frame = Frame(size: terminal.size, glyphs: terminal.glyphs)
    let page = frame.box(frame.bounds, title: "probe", corner: "1", isFocused: true)
    frame.inside(page) { frame in
      frame.put("size \(terminal.size.width)x\(terminal.size.height)", at: Point(x: 0, y: 0))
      frame.put("depth \(terminal.depth.rawValue)", at: Point(x: 20, y: 0))
      frame.put("▲ up 日本", at: Point(x: 0, y: 1), Style(.valueUp))
      frame.put("▼ down é", at: Point(x: 20, y: 1), Style(.valueDown, on: .rowCursor))
      frame.put("count \(count % 10)", at: Point(x: 0, y: 2))
      if isHostile { frame.put("\u{1B}]52;c;QQ==\u{7}A\u{202E}\u{9B}2J", at: Point(x: 20, y: 2)) }
      if count == 0 {
        for (row, line) in log.suffix(8).enumerated() {
          frame.put(line, at: Point(x: 0, y: 3 + row), width: frame.size.width)
        }
      }
      frame.put("heat", at: Point(x: 40, y: 2), Style(.heatPlus5))
      if wall > 0 {
        let digits = (0..<frame.size.width).map { String(($0 + wall) % 10) }.joined()
        for row in 0..<frame.size.height { frame.put(digits, at: Point(x: 0, y: row)) }
      }
      if hasCursor { frame.placeCursor(at: Point(x: 4, y: 2)) }
    }
    return frame
  }
}

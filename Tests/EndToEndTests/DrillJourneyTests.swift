import TestSupport
import Testing

/// Ways through the demonstration from a sum down to the record that it rests on.
@Suite(.serialized) struct DrillJourneyTests {
  /// The end of a lot's row that an exchange's answer made.
  private static var read: Regex<(Substring, Substring)> {
    #/short (Binance|Bitfinex|Coinbase|HTX|Kraken)\b/#
  }

  @Test func `from a position to its lots, the entry of one and the record of that, and back`()
    throws
  {
    let home = try Home()
    let pty = try Pty(
      [Programs.coffer, "demo"], environment: home.environment([]), columns: 120, rows: 36)
    pty.wait(for: "NAV")
    pty.wait(for: "BTC")
    pty.type("2")
    pty.wait { $0.screen.lines[1].contains("[2 Positions]") }
    pty.wait(for: "BTC")
    pty.type("\r")
    pty.wait(for: " by account ━")
    pty.type("tl")
    pty.wait(for: "› lots (fifo)")
    pty.wait { $0.screen.text.contains("▶20") }
    // The last lots come from exchanges, whose answers are kept, once these are read.
    pty.wait { !$0.screen.text.matches(of: DrillJourneyTests.read).isEmpty }
    pty.type("G")
    pty.wait { pty in
      pty.screen.lines.contains {
        $0.contains("▶20") && !$0.matches(of: DrillJourneyTests.read).isEmpty
      }
    }
    pty.type("\r")
    pty.wait(for: "━ Entry ━")
    pty.wait(for: "Legs")
    pty.wait(for: "Record")
    pty.wait(for: "SHA-256")
    pty.type("\u{1B}")
    pty.wait { !$0.screen.text.contains("━ Entry ━") }
    pty.type("te")
    pty.wait(for: "› entries ━")
    pty.wait { $0.screen.text.contains("▶20") }
    pty.type("\u{1B}")
    pty.wait(for: " by account ━")
    pty.type("\u{1B}")
    pty.wait(for: "by value")
    pty.type("tg")
    pty.wait(for: "Grouped by venue.")
    pty.wait(for: "▾")
    pty.type("tG")
    pty.wait { $0.screen.text.contains("▸") && !$0.screen.text.contains("▾") }
    pty.type("3")
    pty.wait(for: "Bridge")
    // The demonstration's history is short: what gets its first price in the period is named.
    pty.wait {
      $0.screen.text.contains("reconciles to 0.00") || $0.screen.text.contains("! off by")
    }
    pty.type("ttt")
    pty.wait(for: "(dotted)")
    pty.type("4")
    pty.wait(for: "Who bears it")
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
  }
}

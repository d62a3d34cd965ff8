import Testing

/// The program without a screen: lines in, lines out.
@Suite(.serialized) struct PlainClientTests {
  /// What a shell does with lines for the program's standard input.
  private func piped(_ lines: String) -> [String] {
    ["/bin/sh", "-c", "printf '\(lines)' | \"$@\"", "sh"]
  }

  @Test func `the demonstration is told in lines, each screen that is asked for`() throws {
    let home = try Home()
    let lines = #"screen positions\nfilter btc\nscreen accounts\nbogus"#
    let done = try home.run(["demo", "--plain"], through: piped(lines), ["TERM=dumb"])
    #expect(done.status == 0 && done.errors.isEmpty, "\(done.errors)")
    let said = done.output.split(separator: "\n").map(String.init)
    #expect(said.first == "Coffer, vault demo")
    #expect(said.contains { $0.hasPrefix("NAV, USD: ") })
    #expect(said.contains { $0.hasPrefix("BTC, Value: ") })
    #expect(said.contains { $0.hasPrefix("No command is called 'bogus'") })
    let pictures = done.output.unicodeScalars.filter {
      (0x2500...0x25FF).contains($0.value) || (0x2800...0x28FF).contains($0.value)
    }
    #expect(pictures.isEmpty && !done.output.contains("\u{1B}"))
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
  }

  @Test func `what makes no sense is refused at once, and nothing starts`() throws {
    let home = try Home()
    for wrong in [
      ["--screen", "nowhere"], ["--plain", "--refresh", "0"], ["--refresh", "5"],
      ["demo", "--color", "loud"],
    ] {
      let done = try home.run(wrong)
      #expect(done.status == 2 && done.errors.contains("coffer open --help"), "\(wrong)")
    }
    #expect(Proc.processes(with: home.path).isEmpty)
  }

  @Test func `a locked vault says how it is opened`() throws {
    let home = try Home()
    try home.makeVault()
    let done = try home.run(["--plain", "--offline"], through: piped(#"screen risk\n"#))
    #expect(done.status == 0 && done.output.contains("Unlock it: coffer unlock"))
    #expect(!done.output.contains("NAV"))
  }
}

import Canvas

/// Why there is no full screen.
public enum TerminalFault: Error, Equatable, Sendable {
  /// Standard input or output is no terminal.
  case noTerminal
  /// The terminal cannot place its cursor, or says nothing about itself.
  case dumb(term: String)
  /// Nothing is known about terminals of this name.
  case unknown(term: String)
  /// The system refused, with its error number.
  case system(Int32)

  /// What to tell the user, in one line, with what works instead.
  public var sentence: String {
    switch self {
    case .noTerminal:
      "standard input and output must be a terminal; --plain and --json work without one"
    case .dumb(let term):
      "a terminal of type '\(shown(term))' cannot show full screens; try --plain or --json"
    case .unknown(let term):
      "nothing is known about terminals of type '\(shown(term))': set TERM, or try --plain "
        + "or --json"
    case .system(let code):
      "the terminal could not be taken: \(Signals.text(of: code)); --plain and --json work "
        + "without one"
    }
  }

  private func shown(_ term: String) -> String { Sanitiser.line(term, columns: 40) }
}

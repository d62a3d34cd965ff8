/// Something in a theme or keymap file that its author should know.
public struct StyleProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file as it was found.
  public let file: String
  /// The line, from 1; 0 when it is about the whole file.
  public let line: Int
  /// The column in characters, from 1; 0 when it is about the whole line.
  public let column: Int
  /// What is the matter, without a full stop.
  public let message: String

  /// Makes a problem.
  public init(file: String, line: Int = 0, column: Int = 0, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// The problem as compilers print one: `file:line:column: message`.
  public var description: String {
    let place = line > 0 ? (column > 0 ? ":\(line):\(column)" : ":\(line)") : ""
    return "\(file)\(place): \(message)"
  }
}

/// What was made from a file, and what was doubtful in it.
public struct Styled<Value: Sendable>: Sendable {
  /// The value, complete.
  public let value: Value
  /// What was left out or guessed, in the order of the files.
  public let warnings: [StyleProblem]

  /// Makes one.
  public init(value: Value, warnings: [StyleProblem]) {
    self.value = value
    self.warnings = warnings
  }
}

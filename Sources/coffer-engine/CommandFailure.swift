import ArgumentParser
import Glibc
import Styles
import Wire

/// Why a command failed, as people read it, and its exit status.
struct CommandFailure: Error, CustomStringConvertible {
  let status: Int32
  let message: String
  let advice: String

  init(status: Int32, _ message: String, advice: String = "") {
    self.status = status
    self.message = message
    self.advice = advice
  }

  init(_ refusal: Refusal) {
    let status: Int32 =
      switch refusal.code {
      case .usage: 64
      case .locked: 3
      case .wrongSecret: 4
      case .notFound: 5
      case .damaged: 6
      case .forbidden: 7
      case .busy: 8
      case .system: 1
      case .cancelled: 9
      }
    self.init(status: status, refusal.message, advice: refusal.advice)
  }

  /// Whatever went wrong, as the command's failure.
  init(any error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let refusal as Refusal: self.init(refusal)
    case let problem as StyleProblem: self.init(status: 1, problem.description)
    default: self.init(status: 1, "\(error)")
    }
  }

  var description: String {
    cleaned(advice.isEmpty ? message : "\(message)\n\(advice)")
  }

  /// Says it on standard error, in the form of the full-screen program.
  func tell() {
    let text =
      "coffer: " + cleaned(message) + "\n" + (advice.isEmpty ? "" : "  \(cleaned(advice))\n")
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}

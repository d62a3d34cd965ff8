import ArgumentParser
import Conformance
import Foundation

/// Runs cases from outside and says how each went.
@main
struct ConformanceProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Run conformance cases: passed, failed or not applicable, with the reason.")

  @Option(help: "The folder of the suites, or of one suite.")
  var cases: String

  @Option(help: "A suite to run; may stand several times. Without it: all of this version.")
  var suite: [String] = []

  @Option(help: "A venue, or a kind of anomaly, to run alone; may stand several times.")
  var only: [String] = []

  @Flag(help: "Write the results as JSON.")
  var json = false

  func run() throws {
    let folder = URL(filePath: cases)
    let results = (suite.isEmpty ? Conformance.suites : suite).map {
      Conformance.run($0, in: folder, only: Set(only))
    }
    if json {
      print(try SuiteResult.json(results))
    } else {
      for result in results { print(result.text, terminator: "") }
    }
    if results.contains(where: \.hasFailures) { throw ExitCode.failure }
  }
}
